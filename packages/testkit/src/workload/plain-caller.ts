/**
 * Operations of a plain caller. It sends each request to the primary once, where the client library would repeat it.
 */
import { UnderstudyError } from '@understudy/rpc';
import { LONGEST_QUESTION_MS, newValue, type Operator, recorded } from './operator.ts';

/** An operation without a session, which is executed once per request that a server receives (S8). */
export async function sessionless(operator: Operator): Promise<void> {
  const { name, kv, keys, recorder, transport, refusalsMayBeDone } = operator;
  const { primary } = kv.view;
  // If the network delivers requests twice, both copies are executed.
  if (primary === '' || refusalsMayBeDone) return;
  const [key, value] = [keys.next(), newValue(operator)];
  const asked = recorder.begin({ client: name, op: 'put', key, value });
  const call = transport.call(primary, 'kv.put', { key, value }, { timeoutMs: LONGEST_QUESTION_MS });
  await recorded(operator, asked, call, () => undefined);
}

/** A plain caller with a session gives two operations the same seq. The second one is refused and not done (S3). */
export async function reusedSeq(operator: Operator): Promise<void> {
  const { name, kv, keys, recorder, transport, refusalsMayBeDone, token } = operator;
  const { primary } = kv.view;
  // A second copy of the other operation may arrive first.
  if (primary === '' || refusalsMayBeDone) return;
  const call = (method: string, params: object) =>
    transport.call(primary, method, params, { timeoutMs: LONGEST_QUESTION_MS });
  const opened = (await call('kv.openSession', { client: name })) as { readonly session: string };
  const put = () => {
    const [key, value] = [keys.next(), token()];
    const asked = recorder.begin({ client: name, op: 'put', key, value });
    return recorded(operator, asked, call('kv.put', { ...opened, seq: 1, acked: 0, key, value }), () => undefined);
  };
  await put();
  try {
    await put();
  } catch (error) {
    if (error instanceof UnderstudyError && error.name === 'INVALID_PARAMS') return;
    throw error;
  }
  throw new Error('two operations had the same number, and both were answered with a result');
}

/**
 * A plain caller opens a session and never uses it. When the table of sessions is full, such a session goes first (S5).
 */
export async function unusedSession({ name, kv, transport }: Operator): Promise<void> {
  const { primary } = kv.view;
  if (primary === '') return;
  await transport.call(primary, 'kv.openSession', { client: name }, { timeoutMs: LONGEST_QUESTION_MS });
}

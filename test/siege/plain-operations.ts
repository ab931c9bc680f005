/**
 * Operations of clients that do not use the library: JSON-RPC over TCP to the primary, and plain HTTP to any server.
 *
 * They have no session, so a request whose answer was lost has an unknown outcome. They do not try again (S8).
 */
import { type Transport, UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import type { SeededRandom } from '@understudy/testkit';
import type { Keys } from '../../packages/testkit/src/workload/keys.ts';
import type { Recorder, Told } from '../../packages/testkit/src/workload/recorder.ts';

export interface PlainParts {
  readonly name: string;
  readonly monitor: string;
  readonly servers: readonly string[];
  readonly transport: Transport;
  readonly random: SeededRandom;
  /** Of the round that runs. */
  readonly workload: () => { readonly keys: Keys; readonly recorder: Recorder };
}

const PATIENCE_MS = 4_000;
const KINDS = ['get', 'put', 'delete'] as const;
type Kind = (typeof KINDS)[number];

/** Gives what a history has as output. */
type Send = (kind: Kind, key: string, value: string) => Promise<string | boolean | null | undefined>;

/** Each of the two gives a function that does one operation. */
export function jsonRpcClient(parts: PlainParts): () => Promise<void> {
  const { transport, monitor } = parts;
  let primary = '';
  const call = (to: string, method: string, params: object) =>
    transport.call(to, method, params, { timeoutMs: PATIENCE_MS });
  return recorded(parts, async (kind, key, value) => {
    try {
      if (primary === '') primary = ((await call(monitor, 'sysmonitor.view', {})) as View).primary;
      if (primary === '') throw new UnderstudyError('NOT_READY', 'there is no primary');
      const result = (await call(primary, `kv.${kind}`, kind === 'put' ? { key, value } : { key })) as Answer;
      return kind === 'get' ? (result.value ?? null) : result.deleted;
    } catch (error) {
      primary = '';
      throw error;
    }
  });
}

interface Answer {
  readonly value?: string | null;
  readonly deleted?: boolean;
}

export function httpClient(parts: PlainParts): () => Promise<void> {
  const { random, servers } = parts;
  return recorded(parts, async (kind, key, value) => {
    const url = `http://${random.pick(servers)}/kv/${encodeURIComponent(key)}?timeout=${PATIENCE_MS / 2}`;
    const put = { method: 'PUT', body: value, headers: { 'Content-Type': 'text/plain' } };
    const request = kind === 'put' ? put : { method: kind.toUpperCase() };
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    if (kind === 'delete' && response.status === 404) return false;
    if (kind === 'get' && response.status === 404) return null;
    if (!response.ok) throw failureIn(text);
    return kind === 'get' ? text : kind === 'delete' ? true : undefined;
  });
}

function failureIn(text: string): UnderstudyError {
  const { error } = JSON.parse(text) as { error: { message: string; data: { definite: boolean } } };
  return new UnderstudyError('UNREACHABLE', error.message, { definite: error.data.definite });
}

function recorded({ name, random, workload }: PlainParts, send: Send): () => Promise<void> {
  let token = 0;
  return async () => {
    const { keys, recorder } = workload();
    const kind = random.pick(KINDS);
    token += 1;
    const value = `${name}.${token}`;
    const asked = recorder.begin({
      client: name,
      op: kind,
      key: keys.next(),
      value: kind === 'put' ? value : undefined,
    });
    const told = await send(kind, asked.key, value).then(
      (output): Told => ({ kind: 'output', output }),
      (error: unknown) => outcomeOf(kind, error),
    );
    recorder.end(asked, told);
  };
}

/** A read changes nothing, whatever became of it. */
function outcomeOf(kind: Kind, error: unknown): Told {
  if (kind === 'get' || (error instanceof UnderstudyError && error.definite)) return { kind: 'nothing' };
  return { kind: 'unknown' };
}

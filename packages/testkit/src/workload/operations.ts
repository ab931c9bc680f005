/** One operation of the built-in workload: drawn, carried out through the real client, and written down. */
import type { KVClient, OperationOptions } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { Keys } from './keys.ts';
import type { Asked, Recorder, Told } from './recorder.ts';

/** One client's share in the workload. */
export interface Operator {
  readonly name: string;
  readonly kv: KVClient;
  readonly random: SeededRandom;
  readonly keys: Keys;
  readonly recorder: Recorder;
  /** The network delivers requests twice: what was definitely refused may be done by the other copy. */
  readonly refusalsMayBeDone: boolean;
  /** What it last saw of each key. */
  readonly seen: Map<string, string | null>;
  /** Unique over the whole run. */
  token(): string;
}

const KINDS = [
  'get',
  'get',
  'get',
  'put',
  'append',
  'append',
  'cas',
  'putHash',
  'delete',
  'scan',
  'sequential',
] as const;

/** Failures that tell a client the truth about its own lot; any other is a defect. */
const EXPECTED = ['TIMEOUT', 'ABORTED', 'OUTCOME_UNKNOWN'];

/** Resolves when the operation is over, well or not; throws what no client may ever be told. */
export async function operate(operator: Operator, options: OperationOptions): Promise<void> {
  const kind = operator.random.pick(KINDS);
  try {
    if (kind === 'scan') await scan(operator, options);
    else if (kind === 'sequential')
      await operator.kv.get(operator.keys.next(), { ...options, consistency: 'sequential' });
    else await single(operator, kind, options);
  } catch (error) {
    if (!(error instanceof UnderstudyError) || !EXPECTED.includes(error.name)) throw error;
  }
}

type Single = Exclude<(typeof KINDS)[number], 'scan' | 'sequential'>;

async function single(operator: Operator, op: Single, options: OperationOptions): Promise<void> {
  const { name, recorder, seen } = operator;
  const key = operator.keys.next();
  const value = valueFor(operator, op, key);
  const asked = recorder.begin({ client: name, op, key, ...(value === undefined ? {} : { value }) });
  try {
    const output = await carryOut(operator.kv, asked, options);
    recorder.end(asked, { kind: 'output', output });
    seen.set(key, seenBy(asked, output));
  } catch (error) {
    recorder.end(asked, op === 'get' ? { kind: 'nothing' } : outcomeOf(error, operator.refusalsMayBeDone));
    throw error;
  }
}

function valueFor({ random, seen, token }: Operator, op: Single, key: string): Asked['value'] {
  switch (op) {
    case 'get':
    case 'delete':
      return undefined;
    case 'append':
      return `${token()}.`;
    case 'put':
    case 'putHash':
      return token();
    case 'cas':
      return [seen.get(key) ?? null, random.chance(0.15) ? null : token()];
  }
}

/** Gives what the history has as output. */
async function carryOut(
  kv: KVClient,
  { op, key, value }: Asked,
  options: OperationOptions,
): Promise<string | boolean | null | undefined> {
  switch (op) {
    case 'get':
      return (await kv.get(key, options)) ?? null;
    case 'delete':
      return kv.delete(key, options);
    case 'append':
      await kv.append(key, value as string, options);
      return undefined;
    case 'put':
      await kv.put(key, value as string, options);
      return undefined;
    case 'putHash':
      return kv.putHash(key, value as string, options);
    case 'cas': {
      const [expected, next] = value as readonly [string | null, string | null];
      return kv.cas(key, expected, next, options);
    }
  }
}

/** The value that the client may take for the present one, for its next compare-and-swap. */
function seenBy({ op, value }: Asked, output: string | boolean | null | undefined): string | null {
  if (op === 'get') return output as string | null;
  if (op === 'put') return value as string;
  if (op === 'cas' && output === true) return (value as readonly (string | null)[])[1] ?? null;
  return null;
}

function outcomeOf(error: unknown, refusalsMayBeDone: boolean): Told {
  const isDefinite = error instanceof UnderstudyError && error.definite && !refusalsMayBeDone;
  return isDefinite ? { kind: 'nothing' } : { kind: 'unknown' };
}

/** One page shows one moment: a read of each key in use, there or not. */
async function scan({ name, kv, keys, recorder }: Operator, options: OperationOptions): Promise<void> {
  const values = new Map<string, string | null>(keys.current.map((key) => [key, null]));
  const call = recorder.moment();
  for await (const { key, value } of kv.scan({ prefix: 'k', pageSize: WHOLE_PAGE, ...options })) {
    if (values.has(key)) values.set(key, value);
  }
  recorder.saw(name, call, values);
}

/** More keys than a run makes. */
const WHOLE_PAGE = 1_000;

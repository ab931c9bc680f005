/**
 * One operation of the built-in workload: draws it, executes it through the real client, and records it. A failure that
 * leaves the outcome open is recorded as unknown. A failure that no client may get is thrown, as a defect.
 */
import type { GetResult, OperationOptions } from '@understudy/kvservice';
import { type FailureName, UnderstudyError } from '@understudy/rpc';
import type { Shape } from '../simulation/shape.ts';
import { isExpected } from './expected.ts';
import { getAll } from './large-values.ts';
import { LONGEST_QUESTION_MS, newValue, note, type Operator, outcomeOf, recorded } from './operator.ts';
import { reusedSeq, sessionless, unusedSession } from './plain-caller.ts';
import { scan, snapshot } from './range-reads.ts';
import type { Asked } from './recorder.ts';

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
  'snapshot',
  'sequential',
  'memberRead',
  'casRevision',
  'sessionless',
  'reusedSeq',
  'updateView',
] as const;

/** What clients additionally do in runs of a shape. */
const KINDS_OF_SHAPE: Readonly<Partial<Record<Shape, readonly Kind[]>>> = {
  'large-values': [...KINDS, 'getAll', 'getAll', 'scan', 'scan'],
  'few-sessions': [...KINDS, 'unusedSession', 'unusedSession'],
};

/** Operations whose results hold values (S9). */
const WITH_VALUES: readonly string[] = ['cas', 'casRevision', 'putHash'];

/** Resolves when the operation has ended, successfully or not. Throws failures that no client may get. */
export async function operate(operator: Operator, options: OperationOptions): Promise<void> {
  const kind = operator.random.pick(KINDS_OF_SHAPE[operator.shape] ?? KINDS);
  const isOne = ASKED_ONCE.includes(kind);
  try {
    await KIND_OF_ITS_OWN[kind]?.(operator, options);
    if (isSingle(kind)) await single(operator, kind, options);
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    noteRefusal(operator, error.name, isOne);
    if (error.name === 'RESULT_DROPPED' && operator.dropsValues && WITH_VALUES.includes(kind)) return;
    if (error.name === 'NO_SPACE' && operator.valueUnits > 0 && kind !== 'delete' && kind !== 'get')
      return makeRoom(operator, options);
    if (!isExpected(error.name, operator.shape, isOne)) throw error;
  }
}

/**
 * If a server refuses with OVERLOADED, the client repeats the operation. So an OVERLOADED failure here comes from the
 * client's own queue.
 */
function noteRefusal({ saw }: Operator, failure: FailureName, isAskedOnce: boolean): void {
  if (failure === 'OVERLOADED' && !isAskedOnce) saw('refused by an overloaded client');
  if (failure === 'TOO_LARGE') saw('value refused as too large');
}

/** A write was refused because memory is full. Some clients then delete a key, as a user would (M2). */
async function makeRoom(operator: Operator, options: OperationOptions): Promise<void> {
  const { random, keys } = operator;
  if (!random.chance(0.5)) return;
  try {
    await singleAt(operator, 'delete', keys.any(random), options);
  } catch (error) {
    if (!(error instanceof UnderstudyError) || !isExpected(error.name, operator.shape, false)) throw error;
  }
}

type Single = 'get' | 'put' | 'append' | 'cas' | 'putHash' | 'delete';
type Kind = (typeof KINDS)[number] | 'getAll' | 'unusedSession';

/** Operations that send a single request and never repeat it. */
const ASKED_ONCE: readonly Kind[] = [
  'updateView',
  'memberRead',
  'sessionless',
  'reusedSeq',
  'snapshot',
  'unusedSession',
];

const KIND_OF_ITS_OWN: Readonly<
  Partial<Record<Kind, (operator: Operator, options: OperationOptions) => Promise<unknown>>>
> = {
  scan,
  snapshot,
  memberRead,
  sequential,
  casRevision,
  reusedSeq,
  sessionless,
  getAll,
  unusedSession,
  // The only way to learn of a new primary while the old one still answers.
  updateView: ({ kv }, options) => kv.updateView({ timeout: LONGEST_QUESTION_MS, ...options }),
};

function isSingle(kind: Kind): kind is Single {
  return KIND_OF_ITS_OWN[kind] === undefined;
}

function single(operator: Operator, op: Single, options: OperationOptions): Promise<void> {
  return singleAt(operator, op, operator.keys.next(), options);
}

async function singleAt(operator: Operator, op: Single, key: string, options: OperationOptions): Promise<void> {
  const { name, recorder, seen } = operator;
  const value = valueFor(operator, op, key);
  const asked = recorder.begin({ client: name, op, key, value });
  try {
    const output = await carryOut(operator, asked, options);
    recorder.end(asked, { kind: 'output', output });
    seen.set(key, seenBy(asked, output));
  } catch (error) {
    recorder.end(asked, op === 'get' ? { kind: 'nothing' } : outcomeOf(error, operator.refusalsMayBeDone));
    throw error;
  }
}

function valueFor(operator: Operator, op: Single, key: string): Asked['value'] {
  const { random, seen, token } = operator;
  switch (op) {
    case 'get':
    case 'delete':
      return undefined;
    case 'append':
      return `${token()}.`;
    case 'put':
    case 'putHash':
      return newValue(operator);
    case 'cas':
      return [seen.get(key) ?? null, random.chance(0.15) ? null : token()];
  }
}

/** Returns the output for the history. */
async function carryOut(
  { kv, revisions }: Operator,
  { op, key, value }: Asked,
  options: OperationOptions,
): Promise<string | boolean | null | undefined> {
  switch (op) {
    case 'get':
      return (await kv.get(key, options)) ?? null;
    case 'delete':
      return kv.delete(key, options);
    case 'append':
      note(revisions, key, await kv.append(key, value as string, options));
      return undefined;
    case 'put':
      note(revisions, key, await kv.put(key, value as string, options));
      return undefined;
    case 'putHash':
      return kv.putHash(key, value as string, options);
    case 'cas': {
      const [expected, next] = value as readonly [string | null, string | null];
      return kv.cas(key, expected, next, options);
    }
  }
}

/** The value that the client assumes for its next compare-and-swap. */
function seenBy({ op, value }: Asked, output: string | boolean | null | undefined): string | null {
  if (op === 'get') return output as string | null;
  if (op === 'put') return value as string;
  if (op === 'cas' && output === true) return (value as readonly (string | null)[])[1] ?? null;
  return null;
}

/**
 * A linearizable read that any member answers (L5). The client library sends none to backups, but other callers may.
 */
async function memberRead({ name, kv, keys, random, recorder, transport, ahead }: Operator): Promise<void> {
  const { primary, backups } = kv.view;
  if (backups.length === 0) return;
  const key = keys.next();
  const asked = recorder.begin({ client: name, op: 'get', key, value: undefined });
  try {
    const atLeast = ahead.seen + random.integer(0, FURTHEST_AHEAD);
    const params = { key, consistency: 'linearizable', atLeast };
    const to = random.pick([primary, ...backups]);
    const answer = await transport.call(to, 'kv.get', params, { timeoutMs: LONGEST_QUESTION_MS });
    const { value, revision } = answer as GetResult;
    ahead.seen = Math.max(ahead.seen, revision);
    recorder.end(asked, { kind: 'output', output: value });
  } catch (error) {
    recorder.end(asked, { kind: 'nothing' });
    throw error;
  }
}

/** In entries. A read may ask for a revision that no entry has yet. */
const FURTHEST_AHEAD = 20;

/** A client never reads an older revision of a key than it has seen, whichever server answers (L5). */
async function sequential({ kv, keys, revisions }: Operator, options: OperationOptions): Promise<void> {
  const key = keys.next();
  const before = revisions.get(key) ?? 0;
  const { revision } = await kv.read(key, { ...options, consistency: 'sequential' });
  if (revision < before)
    throw new Error(`a sequential read of ${key} went back from revision ${before} to ${revision}`);
  note(revisions, key, { revision });
}

/**
 * Changes a key if its revision is still the one read. The history records a compare-and-swap of values, which is
 * equivalent because each value is written only once.
 */
async function casRevision(operator: Operator, options: OperationOptions): Promise<void> {
  const { name, kv, keys, recorder, revisions, token } = operator;
  const key = keys.next();
  const read = recorder.begin({ client: name, op: 'get', key, value: undefined });
  const { value, revision } = await recorded(operator, read, kv.read(key, options), (result) => result.value);
  note(revisions, key, { revision });
  if (value === null) return;
  const next = token();
  const swap = recorder.begin({ client: name, op: 'cas', key, value: [value, next] });
  await recorded(operator, swap, kv.casRevision(key, revision, next, options), ({ swapped }) => swapped);
}

/** The shortest stretch of a bad history: the operations that contradict each other, whatever all the others did. */
import { decide, isContradiction } from './decide.ts';
import type { Scalar } from './history.ts';
import type { Operation } from './operation.ts';
import { isKnown, partFrom, prefixOf, weak } from './part.ts';
import type { ShareOfWork } from './share-of-work.ts';

export interface Stretch {
  /** By call. */
  readonly operations: readonly Operation[];
  /** The one that returned last: its output cannot be. */
  readonly impossible: Operation;
  /** The key's history up to that return: what returned later is weakened, what was called later is left out. */
  readonly prefix: readonly Operation[];
  /** They contradict each other whatever the key held at this time; undefined: only after what it held at first. */
  readonly from: number | undefined;
  /** Whether none of `operations` can be spared. False: there was not time enough to try, or to be sure. */
  readonly minimal: boolean;
}

/**
 * First the shortest prefix that is a violation; of that the latest part that is one whatever the key held before; and of that the
 * operations are weakened, many at a time and then one by one, as long as it stays one. What explains the whole would explain each of
 * these too; so where nothing explains it, the whole is a violation, and nothing is claimed that the operations shown do not bear out.
 * (To leave out a write, instead of allowing it at any time and never, would not do: then a good history may look bad.)
 *
 * @param operations a violation, of one key.
 */
export function stretchOf(operations: readonly Operation[], init: Scalar, work: ShareOfWork): Stretch {
  const returning = operations.filter(isKnown).sort((one, other) => one.end - other.end);
  const contradicts = (some: readonly Operation[], anyStart: boolean) =>
    !work.isEmpty && isContradiction({ operations: some, init, anyStart, budget: work.next(some.length) });
  const fails = (some: readonly Operation[]) =>
    contradicts(some, false) ||
    (!work.isEmpty && decide({ operations: some, init, budget: work.next(some.length) }) === 'violation');
  const length = least(1, returning.length, (some) => fails(prefixOf(operations, returning, some)));
  const impossible = returning[length - 1];
  if (impossible === undefined) throw new RangeError('a history in which nothing returned is no violation');
  const prefix = prefixOf(operations, returning, length);
  const from = latestStart(prefix, impossible, (some) => contradicts(some, true));
  const part = from === undefined ? prefix : partFrom(prefix, from);
  const shrunk = weakened(part, impossible, (some) => contradicts(some, from !== undefined), work);
  const shown = shrunk.filter(isKnown).sort((one, other) => one.call - other.call);
  return { operations: shown, impossible, prefix, from, minimal: !work.isSpent && !work.isEmpty };
}

type Check = (operations: readonly Operation[]) => boolean;

/** The least number from `low` to `high` that holds; of those above it all hold, and `high` is known to. */
function least(low: number, high: number, holds: (number: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return to;
}

/** The latest time from which on the operations contradict each other whatever the key held. */
function latestStart(prefix: readonly Operation[], impossible: Operation, contradicts: Check): number | undefined {
  const calls = prefix
    .filter((operation) => isKnown(operation) && operation.call <= impossible.call)
    .map(({ call }) => call);
  const times = [...new Set(calls)].sort((one, other) => other - one);
  return times[least(0, times.length, (at) => contradicts(partFrom(prefix, times[at] ?? 0)))];
}

function weakened(
  part: readonly Operation[],
  impossible: Operation,
  contradicts: Check,
  work: ShareOfWork,
): readonly Operation[] {
  let operations = part;
  const known = () => operations.filter((operation) => isKnown(operation) && operation !== impossible);
  for (let size = known().length; size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    const candidates = known();
    for (let at = 0; at < candidates.length; at += size) {
      if (work.isEmpty) return operations;
      const chunk = new Set(candidates.slice(at, at + size));
      const without = operations.flatMap((operation) => (chunk.has(operation) ? weak(operation) : operation));
      if (contradicts(without)) operations = without;
    }
  }
  return operations;
}

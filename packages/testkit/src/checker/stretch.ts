/**
 * Finds the shortest stretch of a bad history: operations that contradict each other, whatever all other operations
 * did.
 */
import { decide, isContradiction } from './decide.ts';
import type { Scalar } from './history.ts';
import type { Operation } from './operation.ts';
import { isKnown, partFrom, prefixOf, weak } from './part.ts';
import type { ShareOfWork } from './share-of-work.ts';

export interface Stretch {
  /** By call. */
  readonly operations: readonly Operation[];
  /** The operation that returned last. Its output is impossible. */
  readonly impossible: Operation;
  /**
   * The key's history up to that return. Operations that returned later are weakened; those called later are left out.
   */
  readonly prefix: readonly Operation[];
  /** They contradict each other whatever the key held at this time. Undefined: only with the key's initial value. */
  readonly from: number | undefined;
  /** Whether none of `operations` can be removed. False: there was not enough time to try, or to be sure. */
  readonly minimal: boolean;
}

/**
 * Takes the shortest prefix that is a violation, then its latest part that is a violation whatever the key held before.
 * Then it weakens operations of that part, many at a time and at last one by one, as long as the part stays a
 * violation. An order that explains the whole history would explain each of these too. So if nothing explains the
 * result, the whole is a violation, and the operations shown suffice to prove it. (A write must not be removed, only
 * allowed to take effect at any time or never. Otherwise a good history may look bad.)
 *
 * @param operations A violation, of one key.
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

/**
 * The least number from `low` to `high` for which `holds` is true. It must be true for all numbers above it, and for
 * `high`.
 */
function least(low: number, high: number, holds: (number: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return to;
}

/** The latest time from which the operations contradict each other whatever the key held. */
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

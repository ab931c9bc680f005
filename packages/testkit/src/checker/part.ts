/**
 * Cuts parts out of a history such that a part is a violation only if the whole is one. Operations outside the part are
 * weakened, or their effect is left open.
 */
import { type Operation, weaken } from './operation.ts';

/** The history as known when the first `length` operations have returned. */
export function prefixOf(
  operations: readonly Operation[],
  returning: readonly Operation[],
  length: number,
): readonly Operation[] {
  const end = returning[length - 1]?.end ?? Number.NEGATIVE_INFINITY;
  const returned = new Set(returning.slice(0, length));
  const called = operations.filter(({ call }) => call <= end);
  return called.flatMap((operation) => (returned.has(operation) ? operation : weak(operation)));
}

/** Operations that had returned before `from` only show in what the key held then. */
export function partFrom(prefix: readonly Operation[], from: number): readonly Operation[] {
  return prefix
    .filter(({ end }) => end >= from)
    .flatMap((operation) => (operation.call < from ? weak(operation) : operation));
}

export function weak(operation: Operation): readonly Operation[] {
  const weaker = weaken(operation);
  return weaker === undefined ? [] : [weaker];
}

export function isKnown({ end }: Operation): boolean {
  return end < Number.POSITIVE_INFINITY;
}

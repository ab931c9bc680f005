/**
 * Parts of a history that are violations only when the whole is one: what is cut off is weakened, or its effect is left
 * open.
 */
import { type Operation, weaken } from './operation.ts';

/** What is known when the first `length` operations have returned. */
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

/** What had returned before is part of what the key held. */
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

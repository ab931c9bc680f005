/** Invariants. They are checked in production too. */

/** An invariant is broken: a defect. The process stops instead of answering wrongly. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new BrokenInvariant(what);
}

/** Ends a `switch` over a union, so that the compiler reports a missing case. */
export function unreachable(value: never): never {
  throw new BrokenInvariant(`unexpected ${JSON.stringify(value)}`);
}

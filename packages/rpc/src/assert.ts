/** Invariants: what must hold, checked in production too. */

/** Something that must hold does not: a defect. The process that sees it stops rather than answer wrongly. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new BrokenInvariant(what);
}

/** Closes a `switch` over a union: the compiler refuses a case that was left out. */
export function unreachable(value: never): never {
  throw new BrokenInvariant(`unexpected ${JSON.stringify(value)}`);
}

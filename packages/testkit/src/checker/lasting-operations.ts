/**
 * Operations that never return, grouped by what they do. Within a group, the operation that was called first always
 * takes effect first, so one lookup per group finds what can be tried. A search that looked at each of hundreds of
 * operations spent most of its time on those that were used already.
 */
import type { Action, Operation } from './operation.ts';
import type { Entry } from './timetable.ts';

export interface OperationClass {
  readonly name: string;
  readonly kind: Action['kind'];
  /** By call. */
  readonly entries: readonly Entry[];
}

export class LastingOperations {
  readonly #classes: readonly OperationClass[];

  /** `entries` are sorted by call. `nameOf` is equal for operations that do the same. */
  constructor(entries: readonly Entry[], nameOf: (entry: Entry) => string) {
    const classes = new Map<string, Entry[]>();
    for (const entry of entries) {
      const name = nameOf(entry);
      const known = classes.get(name);
      if (known === undefined) classes.set(name, [entry]);
      else known.push(entry);
    }
    this.#classes = [...classes].map(([name, members]) => {
      return { name, kind: (members[0] as Entry).operation.action.kind, entries: members };
    });
  }

  /** In steps of the search. */
  get effort(): number {
    return this.#classes.length / CLASSES_A_STEP;
  }

  /** For each group, the first operation that is not in `taken` and was called by `end`. */
  first(taken: bigint, end: number, isOfUse: (one: OperationClass) => boolean): readonly Entry[] {
    return this.#classes.flatMap((one) => {
      if (!isOfUse(one)) return [];
      const entry = one.entries.find(({ bit }) => (taken & bit) === 0n);
      return entry !== undefined && entry.operation.call <= end ? [entry] : [];
    });
  }
}

/** Looking through this many groups takes as long as one attempt of an operation. */
const CLASSES_A_STEP = 30;

/** A `putHash` that never returns. */
export function isLastingHash({ action, end }: Operation): boolean {
  return action.kind === 'putHash' && end === Number.POSITIVE_INFINITY;
}

/** The time of the first call of such a `putHash`. */
export function firstHash(operations: readonly Operation[]): number {
  const calls = operations.filter(isLastingHash).map(({ call }) => call);
  return calls.reduce((first, call) => Math.min(first, call), Number.POSITIVE_INFINITY);
}

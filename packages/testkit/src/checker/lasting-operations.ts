/**
 * Operations that never return, those that do the same together. Of these the one that was called first always goes
 * first, so one look a class finds what there is to try. A search that looked at each of hundreds of operations spent
 * most of its time on those that were used up.
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

  /** `entries` by call; `nameOf`: the same for operations that do the same. */
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

  /** The first of each class that is not among `taken` and was called by `end`. */
  first(taken: bigint, end: number, isOfUse: (one: OperationClass) => boolean): readonly Entry[] {
    return this.#classes.flatMap((one) => {
      if (!isOfUse(one)) return [];
      const entry = one.entries.find(({ bit }) => (taken & bit) === 0n);
      return entry !== undefined && entry.operation.call <= end ? [entry] : [];
    });
  }
}

/** As many as take the time of one attempt of an operation. */
const CLASSES_A_STEP = 30;

/** A `putHash` that never returns. */
export function isLastingHash({ action, end }: Operation): boolean {
  return action.kind === 'putHash' && end === Number.POSITIVE_INFINITY;
}

/** When the first of them was called. */
export function firstHash(operations: readonly Operation[]): number {
  const calls = operations.filter(isLastingHash).map(({ call }) => call);
  return calls.reduce((first, call) => Math.min(first, call), Number.POSITIVE_INFINITY);
}

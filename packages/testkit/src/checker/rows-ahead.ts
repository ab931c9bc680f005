/**
 * Tells whether a value leads to a value that an operation under way needs. It is not enough that some operation needs
 * it at any time. If the same few values are written again and again, nearly every value leads to one, and the search
 * would try them all at every return.
 */
import { wantedText } from './demand.ts';
import { sumOf } from './fnv-stream.ts';
import { HASH, type ObservedValues } from './observed-values.ts';
import type { Operation } from './operation.ts';
import type { Step } from './timetable.ts';
import type { UnseenRows } from './unseen-hashes.ts';

export class RowsAhead {
  readonly #absent: string;
  readonly #observed: ObservedValues;
  readonly #rows: UnseenRows;
  /** The values that `putHash` operations of unknown outcome hash. */
  readonly #hashed: readonly Uint8Array[];
  readonly #wanted = new Map<Step, ReadonlySet<number>>();

  constructor(
    operations: readonly Operation[],
    absent: string,
    observed: ObservedValues,
    rows: UnseenRows = new Map(),
  ) {
    this.#absent = absent;
    this.#observed = observed;
    this.#rows = rows;
    const values = operations.flatMap(({ action }) =>
      action.kind === 'putHash' && action.output === undefined ? [action.value] : [],
    );
    this.#hashed = [...new Set(values)].map((value) => ENCODER.encode(value));
  }

  lead(text: string, step: Step): boolean {
    if (this.#observed.leadsWithoutHash(text)) return true;
    if (this.#rows.get(text)?.some(({ call, end }) => call <= step.end && end >= step.end) === true) return true;
    const wanted = this.#wantedAt(step);
    if (wanted.size === 0) return false;
    const sum = sumOf(ENCODER.encode(text));
    return this.#hashed.some((bytes) => wanted.has(sumOf(bytes, sum)));
  }

  /** The hashes that operations under way need, as sums. */
  #wantedAt(step: Step): ReadonlySet<number> {
    const known = this.#wanted.get(step);
    if (known !== undefined) return known;
    const texts = [...step.mutators, ...step.observers].map(({ operation }) => {
      return wantedText(operation.action, this.#absent);
    });
    const wanted = new Set(texts.flatMap((text) => (text !== undefined && HASH.test(text) ? [Number(text) | 0] : [])));
    this.#wanted.set(step, wanted);
    return wanted;
  }
}

const ENCODER = new TextEncoder();

/** A checkpoint under way: what had changed by one moment, for the disk in pieces, so that nothing else waits long for it (R9, R12). */
import type { CellChange, DataChanges, StateChanges } from './state-machine.ts';

export interface CheckpointParts {
  /** Marks its records: they count from the moment on at which `Meta` names it. */
  readonly number: number;
  /** The index up to which these changes bring the data. */
  readonly applied: number;
  readonly changes: StateChanges;
}

/** UTF-16 units of values, those of before included, after which a piece ends early. */
const PIECE_UNITS = 256 * 1024;

export class Checkpoint {
  readonly number: number;
  readonly applied: number;
  readonly #cells: Iterator<readonly [string, CellChange]>;
  readonly #sessions: DataChanges['sessions'];
  /** Until the new data counts, keys that it lacks must stay. */
  readonly #deleted: (readonly [string, null, null])[] = [];
  #isOver = false;

  constructor({ number, applied, changes }: CheckpointParts) {
    this.number = number;
    this.applied = applied;
    this.#cells = changes.cells.entries();
    this.#sessions = changes.sessions;
  }

  /** The last piece has been taken: the write that brings it is the one that makes all of them count. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The next piece, of so many cells at most; the last one also brings all that has no state of before beside it. */
  take(count: number): DataChanges {
    const cells: (readonly [string, CellChange['after'], CellChange['before']])[] = [];
    let units = 0;
    while (cells.length < count && units < PIECE_UNITS) {
      const { done, value } = this.#cells.next();
      if (done) return this.#end(cells);
      const [key, { before, after }] = value;
      if (after !== null) cells.push([key, after, before]);
      else if (before !== null) this.#deleted.push([key, null, null]);
      units += (before?.value.length ?? 0) + (after?.value.length ?? 0);
    }
    return { cells, sessions: [] };
  }

  #end(cells: DataChanges['cells']): DataChanges {
    this.#isOver = true;
    return { cells: [...cells, ...this.#deleted], sessions: this.#sessions };
  }
}

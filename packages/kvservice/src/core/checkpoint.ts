/**
 * A checkpoint in progress: the changes up to one moment, written to disk in pieces so that other writes never wait
 * long (R9, R12).
 *
 * A piece has no effect by itself. All pieces take effect together with the write of the last one, so a crash leaves
 * the old data or the new data, never a mixture.
 */
import type { CellChange, DataChanges, StateChanges } from './state-machine.ts';

export interface CheckpointParts {
  /** Marks the records of this checkpoint. They take effect when `Meta` names this number. */
  readonly number: number;
  /** The index up to which the data is applied with these changes. */
  readonly applied: number;
  readonly changes: StateChanges;
}

/** A piece ends early after this many UTF-16 units of values, old values included. */
const PIECE_UNITS = 256 * 1024;

export class Checkpoint {
  readonly number: number;
  readonly applied: number;
  readonly #cells: Iterator<readonly [string, CellChange]>;
  readonly #sessions: DataChanges['sessions'];
  /** Deleted keys. They stay on disk until the checkpoint takes effect. */
  readonly #deleted: (readonly [string, null, null])[] = [];
  #isOver = false;

  constructor({ number, applied, changes }: CheckpointParts) {
    this.number = number;
    this.applied = applied;
    this.#cells = changes.cells.entries();
    this.#sessions = changes.sessions;
  }

  /** The last piece was taken. Its write makes all pieces take effect. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Returns the next piece, of at most `count` cells. The last piece also contains the deletions and sessions, which
   * are written without their previous state.
   */
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

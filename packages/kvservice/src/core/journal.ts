/**
 * Tracks writes to disk: which were issued, which are durable, and which effects wait for them (R9).
 *
 * This is not a write-ahead log. It keeps no data itself: the disk confirms writes by number, and `confirm` then
 * returns the effects that waited for them.
 */
import type { Position, View } from '@understudy/sysmonitor';
import type { Checkpoint } from './checkpoint.ts';
import type { Effect } from './effect.ts';
import type { Meta } from './persist.ts';

/** State that is on disk and may therefore be reported to the monitor. */
export interface Saved {
  /** The incarnation of this run; "" until it has been written to disk for the first time. */
  readonly incarnation: string;
  readonly cluster: string;
  readonly view: View;
  readonly fulfilled: number;
  readonly last: Position;
}

interface Given {
  readonly number: number;
  readonly saved: Saved;
  /** The index up to which the data on disk is applied. */
  readonly applied: number;
  /** The write replaces the entries from this index on; Infinity if it replaces none. */
  readonly logFrom: number;
}

export class Journal {
  /** The set of data records in use. */
  generation: number;
  /** The metadata has changed since the last write. */
  metaChanged = false;
  /** The last checkpoint that was issued completely. */
  lastCheckpoint: number;
  /** The checkpoint in progress. */
  checkpoint: Checkpoint | undefined;
  /** The write with the newest piece of the checkpoint in progress, and the last index of the log at that time. */
  lastPiece = { number: 0, lastIndex: 0 };
  /** `Log.appended` when the last checkpoint began. */
  appendedBefore = 0;
  /** The commit index, and since when it has not changed. */
  idle = { commitIndex: 0, sinceMs: 0 };
  #lastGeneration: number;
  /** The newest write that is on disk. */
  #confirmed: Given;
  /** Writes that were issued and are not confirmed yet; oldest first. */
  readonly #open: Given[] = [];
  readonly #waiting: { readonly number: number; readonly effect: Effect }[] = [];

  /**
   * @param saved The state on disk at start. `applied` and `checkpoint` say up to which entry, and in which checkpoint,
   * its data is applied.
   */
  constructor(saved: Saved, { applied, generation, checkpoint }: Pick<Meta, 'applied' | 'generation' | 'checkpoint'>) {
    this.#confirmed = { number: 0, saved, applied, logFrom: Infinity };
    this.generation = generation;
    this.lastCheckpoint = checkpoint;
    this.#lastGeneration = generation;
  }

  /** The state that is on disk for certain. */
  get saved(): Saved {
    return this.#confirmed.saved;
  }

  /** The data on disk contains everything up to this index, so the log may be cut up to it (R12). */
  get applied(): number {
    return this.#confirmed.applied;
  }

  /** The value of `applied` when all issued writes are on disk. */
  get appliedSoon(): number {
    return this.#newest.applied;
  }

  /** The last entry that is on disk and that no pending write replaces. */
  get durableIndex(): number {
    let index = this.saved.last.index;
    for (const { logFrom } of this.#open) index = Math.min(index, logFrom - 1);
    return index;
  }

  /** Whether all writes up to that number are on disk. */
  hasConfirmed(number: number): boolean {
    return number <= this.#confirmed.number;
  }

  /** Whether all issued writes are on disk. */
  get isLevel(): boolean {
    return this.#open.length === 0;
  }

  /** Returns a new generation for the records of a transfer that begins. */
  newGeneration(): number {
    this.#lastGeneration += 1;
    return this.#lastGeneration;
  }

  /** Registers a write and returns its number. Fields that are left out keep their value. */
  give(change: Partial<Omit<Given, 'number'>>): number {
    const { number, saved, applied } = this.#newest;
    this.#open.push({ number: number + 1, saved, applied, logFrom: Infinity, ...change });
    return number + 1;
  }

  /**
   * Holds the effect until everything so far is on disk. `hasMore` means that part of it goes out with the next write.
   */
  hold(effect: Effect, hasMore: boolean): void {
    this.#waiting.push({ number: this.#newest.number + (hasMore ? 1 : 0), effect });
  }

  /** All writes up to that number are on disk. Returns the effects that waited for them. */
  confirm(number: number): readonly Effect[] {
    while (this.#open[0] !== undefined && this.#open[0].number <= number) this.#confirmed = this.#open.shift() as Given;
    const later = this.#waiting.findIndex((waiting) => waiting.number > number);
    return this.#waiting.splice(0, later < 0 ? this.#waiting.length : later).map(({ effect }) => effect);
  }

  get #newest(): Given {
    return this.#open.at(-1) ?? this.#confirmed;
  }
}

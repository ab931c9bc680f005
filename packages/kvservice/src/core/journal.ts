/** What is given to the disk, in order, and what has to wait until it is there (R9). */
import type { Position, View } from '@understudy/sysmonitor';
import type { Checkpoint } from './checkpoint.ts';
import type { Effect } from './effect.ts';
import type { Meta } from './persist.ts';

/** What may be told to the monitor: it is on disk. */
export interface Saved {
  /** That of this run; "" until it is on disk for the first time. */
  readonly incarnation: string;
  readonly cluster: string;
  readonly view: View;
  readonly fulfilled: number;
  readonly last: Position;
}

interface Given {
  readonly number: number;
  readonly saved: Saved;
  /** Data is applied on disk up to there. */
  readonly applied: number;
  /** Entries from there on were replaced; Infinity: none were. */
  readonly logFrom: number;
}

export class Journal {
  /** The set of data records that counts. */
  generation: number;
  /** Something of `Meta` is not given yet. */
  metaChanged = false;
  /** The last checkpoint that was given whole. */
  lastCheckpoint: number;
  /** The one under way. */
  checkpoint: Checkpoint | undefined;
  /** The write that brought its last piece so far, and the end of the log then. */
  lastPiece = { number: 0, lastIndex: 0 };
  /** What `Log.appended` was when the last checkpoint began. */
  appendedBefore = 0;
  /** The commit index, and since when it has not moved. */
  idle = { commitIndex: 0, sinceMs: 0 };
  #lastGeneration: number;
  /** On disk. */
  #confirmed: Given;
  /** Given, and not confirmed yet; oldest first. */
  readonly #open: Given[] = [];
  readonly #waiting: { readonly number: number; readonly effect: Effect }[] = [];

  /** @param saved What is on disk at the start; `applied`: how far the data there is, as of which checkpoint. */
  constructor(saved: Saved, { applied, generation, checkpoint }: Pick<Meta, 'applied' | 'generation' | 'checkpoint'>) {
    this.#confirmed = { number: 0, saved, applied, logFrom: Infinity };
    this.generation = generation;
    this.lastCheckpoint = checkpoint;
    this.#lastGeneration = generation;
  }

  /** What is on disk for certain. */
  get saved(): Saved {
    return this.#confirmed.saved;
  }

  /** The data on disk shows everything up to this index: the log behind it may be cut (R12). */
  get applied(): number {
    return this.#confirmed.applied;
  }

  /** The same, when everything that was given is on disk. */
  get appliedSoon(): number {
    return this.#newest.applied;
  }

  /** The index of the last entry that is on disk, and will not be replaced by what is on its way there. */
  get durableIndex(): number {
    let index = this.saved.last.index;
    for (const { logFrom } of this.#open) index = Math.min(index, logFrom - 1);
    return index;
  }

  /** Everything up to that write is on disk. */
  hasConfirmed(number: number): boolean {
    return number <= this.#confirmed.number;
  }

  /** Everything that was given is on disk. */
  get isLevel(): boolean {
    return this.#open.length === 0;
  }

  /** Names the records of a transfer that begins. */
  newGeneration(): number {
    this.#lastGeneration += 1;
    return this.#lastGeneration;
  }

  /** Gives the number of the next write. What is left out stays as it is. */
  give(change: Partial<Omit<Given, 'number'>>): number {
    const { number, saved, applied } = this.#newest;
    this.#open.push({ number: number + 1, saved, applied, logFrom: Infinity, ...change });
    return number + 1;
  }

  /** Keeps the effect back until everything so far is on disk; `hasMore`: some of it will be given with the next write. */
  hold(effect: Effect, hasMore: boolean): void {
    this.#waiting.push({ number: this.#newest.number + (hasMore ? 1 : 0), effect });
  }

  /** Everything up to that write is on disk. Gives what has waited for it. */
  confirm(number: number): readonly Effect[] {
    while (this.#open[0] !== undefined && this.#open[0].number <= number) this.#confirmed = this.#open.shift() as Given;
    const later = this.#waiting.findIndex((waiting) => waiting.number > number);
    return this.#waiting.splice(0, later < 0 ? this.#waiting.length : later).map(({ effect }) => effect);
  }

  get #newest(): Given {
    return this.#open.at(-1) ?? this.#confirmed;
  }
}

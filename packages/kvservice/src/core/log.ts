/** The log: entries by index, above a base whose entries are part of the state already. */
import { assert } from '@understudy/rpc';
import type { Position } from '@understudy/sysmonitor';
import { type Entry, weightOf } from './operation.ts';

export const ORIGIN: Position = { viewnum: 0, index: 0 };

/** Entries in a row. */
export interface Batch {
  readonly entries: readonly Entry[];
  readonly weight: number;
}

export class Log {
  #base: Position = ORIGIN;
  #entries: Entry[] = [];
  #weight = 0;
  #appended = 0;
  #changedFrom: number | undefined;

  /** The position just below the first entry that is kept. */
  get base(): Position {
    return this.#base;
  }

  get last(): Position {
    return { viewnum: this.#entries.at(-1)?.viewnum ?? this.#base.viewnum, index: this.lastIndex };
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  /** About how many bytes the entries take. */
  get weight(): number {
    return this.#weight;
  }

  /** About how many bytes all entries took that were ever appended. */
  get appended(): number {
    return this.#appended;
  }

  /** The lowest index at which something has changed since `takeChange`; undefined: nothing has. */
  get changedFrom(): number | undefined {
    return this.#changedFrom;
  }

  /** What has changed since the last time: from there on there are these entries, and no others. */
  takeChange(): { readonly from: number; readonly entries: readonly Entry[] } | undefined {
    const from = this.#changedFrom;
    this.#changedFrom = undefined;
    return from === undefined
      ? undefined
      : { from, entries: this.#entries.slice(Math.max(0, from - this.#base.index - 1)) };
  }

  append(entry: Entry): number {
    this.#changedFrom ??= this.lastIndex + 1;
    this.#entries.push(entry);
    const weight = weightOf(entry);
    this.#weight += weight;
    this.#appended += weight;
    return this.lastIndex;
  }

  at(index: number): Entry | undefined {
    return this.#entries[index - this.#base.index - 1];
  }

  /** The viewnum of the entry at `index`, also of the base's; undefined: not kept, or not there yet. */
  viewnumAt(index: number): number | undefined {
    return index === this.#base.index ? this.#base.viewnum : this.at(index)?.viewnum;
  }

  /** Whether this log has, or had just below its first entry, exactly that entry. */
  has(position: Position): boolean {
    return this.viewnumAt(position.index) === position.viewnum;
  }

  /** False where this log cannot have had that entry, not even below its base: viewnums never fall along a log. */
  mayHave({ index, viewnum }: Position): boolean {
    return index < this.#base.index ? viewnum <= this.#base.viewnum : this.viewnumAt(index) === viewnum;
  }

  /** Entries from `from` on: at least one if there is one, then as many as fit `count` and `weight`; one that is over `each` is alone. */
  batch(from: number, most: { readonly count: number; readonly weight: number; readonly each: number }): Batch {
    const start = from - this.#base.index - 1;
    let end = start;
    let weight = 0;
    while (end < this.#entries.length && end - start < most.count) {
      const more = weightOf(this.#entries[end] as Entry);
      if (end > start && (weight + more > most.weight || more > most.each)) break;
      weight += more;
      end += 1;
      if (more > most.each) break;
    }
    return { entries: this.#entries.slice(start, end), weight };
  }

  /** Cuts off everything above `index`. */
  cutAbove(index: number): void {
    assert(index >= this.#base.index, 'R3: the log is never cut below its base');
    for (const entry of this.#entries.splice(index - this.#base.index)) this.#weight -= weightOf(entry);
    this.#changedFrom = Math.min(this.#changedFrom ?? Infinity, index + 1);
  }

  /** Forgets the entries up to and including `index` (R12). */
  forgetThrough(index: number): void {
    const viewnum = this.viewnumAt(index);
    assert(viewnum !== undefined, 'R12: only entries that are there are forgotten');
    for (const entry of this.#entries.splice(0, index - this.#base.index)) this.#weight -= weightOf(entry);
    this.#base = { viewnum, index };
  }

  /** Starts anew above a state that came by transfer. */
  restart(base: Position): void {
    this.#base = base;
    this.#entries = [];
    this.#weight = 0;
    this.#changedFrom = 0;
  }
}

/** Logs are compared by the (viewnum, index) of their last entries, never by length (R10). */
export function comparePositions(a: Position, b: Position): number {
  return a.viewnum - b.viewnum || a.index - b.index;
}

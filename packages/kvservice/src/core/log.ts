/**
 * The log: entries in index order, above a base. Entries up to the base are already part of the state and were dropped.
 *
 * The base keeps its viewnum, so the log can still compare the entry just below its first one with that of another
 * server. The log also records the lowest index that changed, which tells the disk what to write.
 */
import { assert } from '@understudy/rpc';
import type { Position } from '@understudy/sysmonitor';
import { type Entry, weightOf } from './operation.ts';

export const ORIGIN: Position = { viewnum: 0, index: 0 };

/** Consecutive entries. */
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

  /** The position just below the first entry of the log. */
  get base(): Position {
    return this.#base;
  }

  get last(): Position {
    return { viewnum: this.#entries.at(-1)?.viewnum ?? this.#base.viewnum, index: this.lastIndex };
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  /** The approximate size of the entries, in bytes. */
  get weight(): number {
    return this.#weight;
  }

  /** The approximate total size of all entries ever appended, in bytes. */
  get appended(): number {
    return this.#appended;
  }

  /** The lowest index that changed since `takeChange`; undefined if nothing changed. */
  get changedFrom(): number | undefined {
    return this.#changedFrom;
  }

  /** Returns the change since the last call: from index `from` on, the log now has exactly these entries. */
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

  /**
   * The viewnum of the entry at `index`, which may be the base. Undefined if the entry was dropped or does not exist
   * yet.
   */
  viewnumAt(index: number): number | undefined {
    return index === this.#base.index ? this.#base.viewnum : this.at(index)?.viewnum;
  }

  /** Whether the log has exactly this entry, or has it as its base. */
  has(position: Position): boolean {
    return this.viewnumAt(position.index) === position.viewnum;
  }

  /**
   * False if this log cannot have had that entry, not even below its base. Viewnums never decrease along a log, so an
   * entry below the base cannot have a greater viewnum than the base.
   */
  mayHave({ index, viewnum }: Position): boolean {
    return index < this.#base.index ? viewnum <= this.#base.viewnum : this.viewnumAt(index) === viewnum;
  }

  /**
   * Returns entries from `from` on: at least one if there is one, then as many as `count` and `weight` allow. An entry
   * heavier than `each` is returned alone.
   */
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

  /** Removes all entries above `index`. */
  cutAbove(index: number): void {
    assert(index >= this.#base.index, 'R3: the log is never cut below its base');
    for (const entry of this.#entries.splice(index - this.#base.index)) this.#weight -= weightOf(entry);
    this.#changedFrom = Math.min(this.#changedFrom ?? Infinity, index + 1);
  }

  /** Drops the entries up to and including `index` (R12). */
  forgetThrough(index: number): void {
    const viewnum = this.viewnumAt(index);
    assert(viewnum !== undefined, 'R12: only entries that are there are forgotten');
    for (const entry of this.#entries.splice(0, index - this.#base.index)) this.#weight -= weightOf(entry);
    this.#base = { viewnum, index };
  }

  /** Empties the log and sets its base, after a state transfer or at a restart from disk. */
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

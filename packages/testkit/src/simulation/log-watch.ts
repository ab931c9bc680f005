/**
 * Finds out what a step did to the log of one run of a server, by comparing the log before and after the step. It does
 * not ask the server, so a wrong report cannot hide a fault.
 */
import type { Event, ReplicaInspection } from '@understudy/kvservice';

/** Ranges of indexes. Each includes both `from` and `to`, and is empty if `to` is below `from`. */
export interface LogChange {
  readonly appended: Range;
  /** Entries that were there before and are gone, or were replaced by other entries. */
  readonly cut: Range;
  readonly committed: Range;
  /** A transferred state replaced everything below this index; 0 if there was none. */
  readonly installed: number;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

const EMPTY: Range = { from: 1, to: 0 };

export class LogWatch {
  /** The viewnum of every entry ever seen, by index. */
  readonly #viewnums: (number | undefined)[] = [0];
  #lastIndex = 0;
  #commitIndex = 0;

  /** Undefined if nothing changed. */
  compare(replica: ReplicaInspection, event: Event): LogChange | undefined {
    const { lastIndex, commitIndex } = replica;
    const isSameEnd = lastIndex === this.#lastIndex && this.#viewnums[lastIndex] === replica.viewnumAt(lastIndex);
    if (isSameEnd && commitIndex === this.#commitIndex) return undefined;
    const agreed = isSameEnd ? lastIndex : this.#agreement(replica);
    // Only a chunk brings a state. Otherwise entries were appended and trimmed within one step.
    const installed = agreed < replica.base.index && isChunk(event) ? replica.base.index : 0;
    const start = Math.max(agreed, installed);
    const change = {
      appended: { from: start + 1, to: lastIndex },
      cut: agreed < this.#lastIndex ? { from: agreed + 1, to: this.#lastIndex } : EMPTY,
      committed: { from: Math.max(this.#commitIndex, installed) + 1, to: commitIndex },
      installed,
    };
    this.#remember(replica, start);
    return change;
  }

  /** The viewnum of the entry last seen at this index, even if the log no longer contains it. */
  viewnumAt(index: number): number | undefined {
    return this.#viewnums[index];
  }

  /** The highest index at which both logs agree. */
  #agreement(replica: ReplicaInspection): number {
    let index = Math.min(this.#lastIndex, replica.lastIndex);
    while (index > replica.base.index && this.#viewnums[index] !== replica.viewnumAt(index)) index -= 1;
    if (index > replica.base.index) return index;
    if (this.#viewnums[replica.base.index] === replica.base.viewnum) return replica.base.index;
    // Entries that were appended and trimmed in one step cannot be seen. They may have replaced any uncommitted entry.
    return Math.min(this.#commitIndex, replica.base.index - 1);
  }

  #remember(replica: ReplicaInspection, start: number): void {
    for (let index = start + 1; index <= replica.lastIndex; index++) this.#viewnums[index] = replica.viewnumAt(index);
    this.#viewnums[replica.base.index] = replica.base.viewnum;
    this.#lastIndex = replica.lastIndex;
    this.#commitIndex = replica.commitIndex;
  }
}

function isChunk(event: Event): boolean {
  return event.kind === 'message' && event.message.kind === 'chunk';
}

/** What one step did to the log of one run of a server, found out from outside by comparing it with what was there before. */
import type { Event, ReplicaInspection } from '@understudy/kvservice';

/** Indexes; each range is from `from` up to and including `to`, and empty where `to` is below `from`. */
export interface LogChange {
  readonly appended: Range;
  /** What was there and is not, or is another entry now. */
  readonly cut: Range;
  readonly committed: Range;
  /** A state that came by transfer took the place of everything below this index; 0: none did. */
  readonly installed: number;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

const EMPTY: Range = { from: 1, to: 0 };

export class LogWatch {
  /** By index, as far as they were ever seen. */
  readonly #viewnums: (number | undefined)[] = [0];
  #lastIndex = 0;
  #commitIndex = 0;

  /** Undefined: nothing changed. */
  compare(replica: ReplicaInspection, event: Event): LogChange | undefined {
    const { lastIndex, commitIndex } = replica;
    const isSameEnd = lastIndex === this.#lastIndex && this.#viewnums[lastIndex] === replica.viewnumAt(lastIndex);
    if (isSameEnd && commitIndex === this.#commitIndex) return undefined;
    const agreed = isSameEnd ? lastIndex : this.#agreement(replica);
    // Only a chunk brings a state; otherwise entries came and were forgotten, all in one step.
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

  /** The viewnum of the entry that was seen there last, also of one that is not kept any more. */
  viewnumAt(index: number): number | undefined {
    return this.#viewnums[index];
  }

  /** The highest index at which both are the same. */
  #agreement(replica: ReplicaInspection): number {
    let index = Math.min(this.#lastIndex, replica.lastIndex);
    while (index > replica.base.index && this.#viewnums[index] !== replica.viewnumAt(index)) index -= 1;
    if (index > replica.base.index) return index;
    if (this.#viewnums[replica.base.index] === replica.base.viewnum) return replica.base.index;
    // What came and was forgotten in one step cannot be seen: it may have replaced whatever was not committed.
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

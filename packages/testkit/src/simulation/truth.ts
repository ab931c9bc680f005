/** The committed log, as an observer of all servers sees it. The invariants compare each server with it. */
import type { ReplicaInspection } from '@understudy/kvservice';
import { assert } from '@understudy/rpc';

export class Truth {
  /** The viewnum of each committed entry by index, as first seen. */
  readonly #viewnums: number[] = [0];

  /** The highest index that any server committed. */
  get lastIndex(): number {
    return this.#viewnums.length - 1;
  }

  viewnumAt(index: number): number | undefined {
    return this.#viewnums[index];
  }

  /** A server is the first to commit the entry at `index`. */
  commit(index: number, viewnum: number): void {
    assert(index === this.#viewnums.length, 'R5: entries are committed in order');
    this.#viewnums.push(viewnum);
  }

  /** Whether this run holds everything committed. By log matching, it suffices to compare the last entry. */
  isHeldBy(replica: ReplicaInspection): boolean {
    const { lastIndex } = this;
    return replica.base.index >= lastIndex || replica.viewnumAt(lastIndex) === this.#viewnums[lastIndex];
  }
}

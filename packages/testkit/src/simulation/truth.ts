/** What was committed, as seen from outside by somebody who sees every server at once. */
import type { ReplicaInspection } from '@understudy/kvservice';
import { assert } from '@understudy/rpc';

export class Truth {
  /** The viewnum of each committed entry, by index; the first that was seen. */
  readonly #viewnums: number[] = [0];

  /** The highest index that anybody committed. */
  get lastIndex(): number {
    return this.#viewnums.length - 1;
  }

  viewnumAt(index: number): number | undefined {
    return this.#viewnums[index];
  }

  /** Somebody is the first to commit the entry at `index`. */
  commit(index: number, viewnum: number): void {
    assert(index === this.#viewnums.length, 'R5: entries are committed in order');
    this.#viewnums.push(viewnum);
  }

  /** Whether this run holds everything that was committed. By log matching, the last entry speaks for those before it. */
  isHeldBy(replica: ReplicaInspection): boolean {
    const { lastIndex } = this;
    return replica.base.index >= lastIndex || replica.viewnumAt(lastIndex) === this.#viewnums[lastIndex];
  }
}

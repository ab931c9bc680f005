/** What the page remembers of the past: every second what each node had told, for half an hour. */
import { Ring } from './ring.js';

/** @import { NodeState } from './state.d.ts' */
/** @typedef {{ readonly at: number, readonly nodes: readonly NodeState[] }} Snapshot */

export const EVERY_MS = 1_000;
const MOST = (30 * 60_000) / EVERY_MS;

export class Memory {
  /** @type {Ring<Snapshot>} */
  #snapshots = new Ring(MOST);

  /** When the memory begins. */
  get since() {
    return this.#snapshots.at(0)?.at;
  }

  /**
   * @param {number} at
   * @param {readonly NodeState[]} nodes
   * @param {boolean} [isNews] to be kept however recent the last one is
   */
  keep(at, nodes, isNews = false) {
    const last = this.#snapshots.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    if (at > last && (isNews || at - last >= EVERY_MS)) this.#snapshots.push({ at, nodes });
  }

  /**
   * The last one at or before that moment; the first one where there is none.
   * @param {number} at
   */
  at(at) {
    let low = 0;
    let high = this.#snapshots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const snapshot = /** @type {Snapshot} */ (this.#snapshots.at(middle));
      if (snapshot.at <= at) low = middle + 1;
      else high = middle;
    }
    return this.#snapshots.at(Math.max(0, low - 1));
  }
}

/**
 * The event feed: the notices of all nodes in the order in which they happened. Each appears once, even if its node
 * sends it several times.
 */

/** @import { FeedEntry } from './state.d.ts' */

const MOST = 500;

export class EventList {
  /** Oldest first. @type {FeedEntry[]} */
  #entries = [];
  /** @type {Set<string>} */
  #ids = new Set();

  /** False: the entry was there already, or is older than all entries kept. @param {FeedEntry} entry */
  add(entry) {
    if (this.#ids.has(entry.id)) return false;
    let place = this.#entries.length;
    while (place > 0 && /** @type {FeedEntry} */ (this.#entries[place - 1]).at > entry.at) place -= 1;
    if (place === 0 && this.#entries.length >= MOST) return false;
    this.#entries.splice(place, 0, entry);
    this.#ids.add(entry.id);
    if (this.#entries.length > MOST) {
      const [oldest] = this.#entries.splice(0, 1);
      if (oldest !== undefined) this.#ids.delete(oldest.id);
    }
    return true;
  }

  get length() {
    return this.#entries.length;
  }

  /**
   * The newest first.
   * @param {{ until: number, most: number, accepts: (entry: FeedEntry) => boolean }} wish
   * @returns {FeedEntry[]}
   */
  latest({ until, most, accepts }) {
    const found = [];
    for (let at = this.#entries.length - 1; at >= 0 && found.length < most; at -= 1) {
      const entry = /** @type {FeedEntry} */ (this.#entries[at]);
      if (entry.at <= until && accepts(entry)) found.push(entry);
    }
    return found;
  }
}

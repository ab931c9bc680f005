/** A list with room for so many: whoever comes too late pushes out the oldest. */

/** @template Item */
export class Ring {
  /** @type {Item[]} */
  #items = [];
  #begin = 0;
  /** @type {number} */
  #room;

  /** @param {number} room */
  constructor(room) {
    this.#room = room;
  }

  get length() {
    return this.#items.length;
  }

  /** @param {Item} item */
  push(item) {
    if (this.#items.length < this.#room) this.#items.push(item);
    else {
      this.#items[this.#begin] = item;
      this.#begin = (this.#begin + 1) % this.#room;
    }
  }

  /**
   * The oldest is 0, the newest -1.
   * @param {number} index
   * @returns {Item | undefined}
   */
  at(index) {
    const { length } = this.#items;
    const place = index < 0 ? length + index : index;
    return place < 0 || place >= length ? undefined : this.#items[(this.#begin + place) % length];
  }

  /** @returns {Generator<Item>} oldest first */
  *[Symbol.iterator]() {
    for (let index = 0; index < this.length; index += 1) yield/** @type {Item} */ (this.at(index));
  }
}

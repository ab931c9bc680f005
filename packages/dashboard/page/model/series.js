/**
 * Measurements over time in buckets of equal length. Only the last buckets are kept. A bucket without a measurement is
 * NaN.
 */

export class Series {
  /** @type {Float32Array} */
  #buckets;
  /** @type {number} */
  #bucketMs;
  /** The number, counted from 1970, of the newest bucket. */
  #newest = -1;

  /**
   * @param {number} bucketMs
   * @param {number} room buckets
   */
  constructor(bucketMs, room) {
    this.#bucketMs = bucketMs;
    this.#buckets = new Float32Array(room).fill(Number.NaN);
  }

  get bucketMs() {
    return this.#bucketMs;
  }

  /**
   * Adds `count` events that happened between the two times, as a rate per second.
   * @param {number} fromMs
   * @param {number} toMs
   * @param {number} count
   */
  spread(fromMs, toMs, count) {
    const perSecond = (count * 1_000) / (toMs - fromMs);
    this.#eachBucket(fromMs, toMs, (place, share) => {
      const before = this.#buckets[place] ?? Number.NaN;
      this.#buckets[place] = (Number.isNaN(before) ? 0 : before) + perSecond * share;
    });
  }

  /**
   * Records a value that held between the two times. Of several values, the greatest is kept.
   * @param {number} fromMs
   * @param {number} toMs
   * @param {number} value
   */
  hold(fromMs, toMs, value) {
    this.#eachBucket(fromMs, toMs, (place) => {
      const before = this.#buckets[place] ?? Number.NaN;
      this.#buckets[place] = Number.isNaN(before) ? value : Math.max(before, value);
    });
  }

  /**
   * The value of the bucket that contains this moment.
   * @param {number} atMs
   */
  at(atMs) {
    return this.#read(Math.floor(atMs / this.#bucketMs));
  }

  /**
   * @param {number} fromMs
   * @param {number} toMs
   * @returns {{ mean: number, most: number }} NaN if nothing was measured
   */
  over(fromMs, toMs) {
    let sum = 0;
    let count = 0;
    let most = Number.NaN;
    const last = Math.max(Math.floor(fromMs / this.#bucketMs), Math.ceil(toMs / this.#bucketMs) - 1);
    for (let number = Math.floor(fromMs / this.#bucketMs); number <= last; number += 1) {
      const value = this.#read(number);
      if (Number.isNaN(value)) continue;
      sum += value;
      count += 1;
      most = Number.isNaN(most) ? value : Math.max(most, value);
    }
    return { mean: count === 0 ? Number.NaN : sum / count, most };
  }

  /** @param {number} number */
  #read(number) {
    const room = this.#buckets.length;
    if (number > this.#newest || number <= this.#newest - room || number < 0) return Number.NaN;
    return this.#buckets[number % room] ?? Number.NaN;
  }

  /**
   * @param {number} fromMs
   * @param {number} toMs
   * @param {(place: number, share: number) => void} visit gets the share of the bucket that lies in the span
   */
  #eachBucket(fromMs, toMs, visit) {
    if (!(toMs > fromMs)) return;
    const last = Math.ceil(toMs / this.#bucketMs) - 1;
    this.#makeRoom(last);
    const room = this.#buckets.length;
    const first = Math.max(Math.floor(fromMs / this.#bucketMs), this.#newest - room + 1);
    for (let number = first; number <= last; number += 1) {
      const begin = Math.max(fromMs, number * this.#bucketMs);
      const end = Math.min(toMs, (number + 1) * this.#bucketMs);
      visit(number % room, (end - begin) / this.#bucketMs);
    }
  }

  /** @param {number} number */
  #makeRoom(number) {
    if (number <= this.#newest) return;
    const room = this.#buckets.length;
    const fresh = Math.min(room, this.#newest < 0 ? room : number - this.#newest);
    for (let back = 0; back < fresh; back += 1) this.#buckets[(number - back) % room] = Number.NaN;
    this.#newest = number;
  }
}

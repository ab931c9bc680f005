/**
 * A hash map that grows in small steps, for hundreds of thousands of keys.
 *
 * A JavaScript Map doubles its table in one step. With 500,000 keys that stops the process for 100 ms and more, and it
 * cannot hold more than 2^24 keys. This map spreads its keys over several Maps by linear hashing (Litwin, 1980). Each
 * time it has gained 4,096 keys, it splits one part in two, so no step moves more than about 8,000 keys, which takes
 * about a millisecond.
 */
import { fnvOfUnits } from './fnv.ts';

/** The average number of keys in a part. A part that is about to be split has up to twice as many. */
const PART_KEYS = 4_096;

export class PartedMap<V> {
  readonly #parts: Map<string, V>[] = [new Map()];
  /** The greatest power of two that is at most the number of parts. */
  #power = 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#partOf(key).get(key);
  }

  has(key: string): boolean {
    return this.#partOf(key).has(key);
  }

  /** Sets the value and returns the one before. */
  set(key: string, value: V): V | undefined {
    const part = this.#partOf(key);
    const before = part.get(key);
    part.set(key, value);
    if (before === undefined) this.#noteAdded();
    return before;
  }

  /** Deletes the key and returns its value. */
  take(key: string): V | undefined {
    const part = this.#partOf(key);
    const before = part.get(key);
    if (before !== undefined && part.delete(key)) this.#size -= 1;
    return before;
  }

  #partOf(key: string): Map<string, V> {
    const place = this.#parts.length === 1 ? 0 : this.#placeOf(key);
    return this.#parts[place] as Map<string, V>;
  }

  /** The place of a key: the low bits of its hash, or one bit less if the part with that number does not exist yet. */
  #placeOf(key: string): number {
    const place = hashOf(key) & (2 * this.#power - 1);
    return place < this.#parts.length ? place : place & (this.#power - 1);
  }

  #noteAdded(): void {
    this.#size += 1;
    if (this.#size > this.#parts.length * PART_KEYS) this.#split();
  }

  /** Splits the next part: the keys whose highest used bit is set move to a new part. */
  #split(): void {
    const added = this.#parts.length;
    const elder = added - this.#power;
    const before = this.#parts[elder] as Map<string, V>;
    const [stay, move] = [new Map<string, V>(), new Map<string, V>()];
    this.#parts[elder] = stay;
    this.#parts.push(move);
    for (const [key, value] of before) (this.#placeOf(key) === added ? move : stay).set(key, value);
    if (this.#parts.length === 2 * this.#power) this.#power *= 2;
  }
}

/** FNV-1a, with the high bits mixed into the low ones, because only the low ones are used. */
function hashOf(key: string): number {
  const hash = fnvOfUnits(key);
  return hash ^ (hash >>> 15);
}

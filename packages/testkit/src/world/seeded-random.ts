/** Randomness that is the same in every run of a seed: sfc32, with one independent stream per name. */
import type { Random } from '@understudy/rpc';

export class SeededRandom implements Random {
  readonly seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: number | string) {
    this.seed = String(seed);
    [this.#a, this.#b, this.#c, this.#counter] = hash128(this.seed);
    for (let round = 0; round < 12; round++) this.#next32();
  }

  /** A generator that depends only on this one's seed and the name. What one stream draws never shifts another. */
  stream(name: string): SeededRandom {
    return new SeededRandom(`${this.seed}/${name}`);
  }

  number(): number {
    return (this.#next32() * 0x200000 + (this.#next32() >>> 11)) / 0x20000000000000;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at++) bytes[at] = this.#next32() & 0xff;
    return bytes;
  }

  /** True with the given probability. Draws nothing for 0 and 1. */
  chance(probability: number): boolean {
    return probability > 0 && (probability >= 1 || this.number() < probability);
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.number() * (high - low + 1));
  }

  /** Exponentially distributed. */
  exponential(mean: number): number {
    return mean === 0 ? 0 : -mean * Math.log(1 - this.number());
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.integer(0, items.length - 1)] as T;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = this.integer(0, at);
      [shuffled[at], shuffled[other]] = [shuffled[other] as T, shuffled[at] as T];
    }
    return shuffled;
  }

  #next32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/** Four words, each of which depends on every character of the text. */
function hash128(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x5be0cd19];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    words[0] = Math.imul(words[0] ^ code, 597399067) ^ words[1];
    words[1] = Math.imul(words[1] ^ code, 2869860233) ^ words[2];
    words[2] = Math.imul(words[2] ^ code, 951274213) ^ words[3];
    words[3] = Math.imul(words[3] ^ code, 2716044179) ^ words[0];
  }
  return words;
}

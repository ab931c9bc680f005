/**
 * Finds the texts that a `putHash` of unknown outcome may turn into a text that matters. It uses that the result of a
 * `putHash` determines the sum of its predecessor.
 */
import { type Sum, sumBefore, sumOf } from './fnv-stream.ts';

export class HashPredecessors {
  /** One bit for the low bits of each sum. */
  readonly #bits: Uint32Array;
  readonly #mask: number;
  readonly #results: ReadonlySet<Sum>;
  /** The values hashed after the predecessors. */
  readonly #values: readonly Uint8Array[];

  /** `values` are hashed after the predecessors, and give one of `results`: decimal forms of 32 bits. */
  constructor(results: readonly string[], values: readonly string[]) {
    let size = SMALLEST;
    while (size < LARGEST && size < results.length * values.length * BITS_EACH) size *= 2;
    this.#bits = new Uint32Array(size >>> 5);
    this.#mask = size - 1;
    this.#results = new Set(results.map((result) => Number(result) | 0));
    this.#values = values.map((value) => ENCODER.encode(value));
    for (const after of this.#results) {
      for (const bytes of this.#values) {
        const sum = sumBefore(bytes, after) & this.#mask;
        this.#bits[sum >>> 5] = (this.#bits[sum >>> 5] as number) | (1 << (sum & 31));
      }
    }
  }

  /** The table rejects most texts quickly. The second check removes chance hits, which would be many false branches. */
  has(text: string): boolean {
    const sum = sumOf(ENCODER.encode(text));
    const low = sum & this.#mask;
    if (((this.#bits[low >>> 5] as number) & (1 << (low & 31))) === 0) return false;
    return this.#values.some((bytes) => this.#results.has(sumOf(bytes, sum)));
  }
}

const ENCODER = new TextEncoder();
const SMALLEST = 1 << 10;
const LARGEST = 1 << 27;
const BITS_EACH = 32;

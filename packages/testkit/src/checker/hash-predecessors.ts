/**
 * Which texts a `putHash` of unknown outcome may make into a text that matters: its result shows the sum of its
 * predecessor.
 */
import { sumBefore, sumOf } from './fnv-stream.ts';

export class HashPredecessors {
  /** A bit for each sum, by its low bits. */
  readonly #bits: Uint32Array;
  readonly #mask: number;

  /** `values` are hashed behind the predecessors, to give one of `results`: decimal forms of 32 bits. */
  constructor(results: readonly string[], values: readonly string[]) {
    let size = SMALLEST;
    while (size < LARGEST && size < results.length * values.length * BITS_EACH) size *= 2;
    this.#bits = new Uint32Array(size >>> 5);
    this.#mask = size - 1;
    const hashed = values.map((value) => ENCODER.encode(value));
    for (const result of results) {
      const after = Number(result) | 0;
      for (const bytes of hashed) {
        const sum = sumBefore(bytes, after) & this.#mask;
        this.#bits[sum >>> 5] = (this.#bits[sum >>> 5] as number) | (1 << (sum & 31));
      }
    }
  }

  /** False is certain. True may be by chance, in a few of a hundred cases. */
  mayHave(text: string): boolean {
    const sum = sumOf(ENCODER.encode(text)) & this.#mask;
    return ((this.#bits[sum >>> 5] as number) & (1 << (sum & 31))) !== 0;
  }
}

const ENCODER = new TextEncoder();
const SMALLEST = 1 << 10;
const LARGEST = 1 << 27;
const BITS_EACH = 32;

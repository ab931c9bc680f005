/** Real randomness from the operating system, drawn in blocks. */
import { randomFillSync } from 'node:crypto';
import type { Random } from './random.ts';

const BLOCK_WORDS = 1024;

export class RealRandom implements Random {
  readonly #block = new Uint32Array(BLOCK_WORDS);
  #used = BLOCK_WORDS;

  /** 53 random bits, the most that a double holds. */
  number(): number {
    const high = this.#word() >>> 5;
    const low = this.#word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  bytes(count: number): Uint8Array {
    return randomFillSync(new Uint8Array(count));
  }

  #word(): number {
    if (this.#used === BLOCK_WORDS) {
      randomFillSync(this.#block);
      this.#used = 0;
    }
    return this.#block[this.#used++] ?? 0;
  }
}

/** A thread that does nothing but look at the clock: the longest time that it stood still is the machine's doing, not ours. */
import { Worker } from 'node:worker_threads';

const LOOK = `
  const { workerData } = require('node:worker_threads');
  const longest = new Float64Array(workerData);
  let before = performance.now();
  setInterval(() => {
    const now = performance.now();
    longest[0] = Math.max(longest[0], now - before);
    before = now;
  }, 1);
`;

export class Witness implements AsyncDisposable {
  readonly #longest = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  readonly #worker = new Worker(LOOK, { eval: true, workerData: this.#longest.buffer });

  /** Milliseconds, since it was asked last. */
  takeLongestMs(): number {
    const longest = this.#longest[0] ?? 0;
    this.#longest[0] = 0;
    return longest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

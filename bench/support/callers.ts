/** Callers that put without a pause, one put at a time each, and what they see in a stretch of time. */
import { createHistogram } from 'node:perf_hooks';
import type { KVClient } from '@understudy/kvservice';
import { Witness } from './witness.ts';

export interface Stretch {
  readonly lastedMs: number;
  readonly puts: number;
  readonly longestGapMs: number;
  readonly p99Ms: number;
  /** The longest time that a thread with nothing to do stood still: how busy the machine is with other things. */
  readonly machineMs: number;
}

export class Callers implements AsyncDisposable {
  readonly #witness = new Witness();
  readonly #calling: Promise<void[]>;
  #isOver = false;
  #latency = createHistogram();
  #puts = 0;
  #lastAtMs = performance.now();
  #longestGapMs = 0;

  constructor(kv: KVClient, count: number) {
    this.#calling = Promise.all(Array.from({ length: count }, (_, caller) => this.#call(kv, caller)));
  }

  /** What they see until `end`. */
  async stretch(end: Promise<void>): Promise<Stretch> {
    const startMs = performance.now();
    this.#latency = createHistogram();
    this.#puts = 0;
    this.#longestGapMs = 0;
    this.#witness.takeLongestMs();
    await end;
    return {
      lastedMs: performance.now() - startMs,
      puts: this.#puts,
      longestGapMs: this.#longestGapMs,
      p99Ms: this.#latency.percentile(99) / 1_000,
      machineMs: this.#witness.takeLongestMs(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#calling;
    await this.#witness[Symbol.asyncDispose]();
  }

  async #call(kv: KVClient, caller: number): Promise<void> {
    for (let number = 0; !this.#isOver; number += 1) {
      const sentAtMs = performance.now();
      await kv.put(`caller/${caller}`, `${number}`);
      const nowMs = performance.now();
      this.#latency.record(Math.max(1, Math.round((nowMs - sentAtMs) * 1_000)));
      this.#puts += 1;
      this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastAtMs);
      this.#lastAtMs = nowMs;
    }
  }
}

/** A steady load of puts, and what the callers see of it in a stretch of time. */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Witness } from './witness.ts';

/** So many callers that put without a pause, one put at a time each; or so many puts a second, whatever becomes of the former ones. */
export type Load = { readonly callers: number } | { readonly perSecond: number };

export type Put = (key: string, value: string) => Promise<unknown>;

/** A time in which nothing was acknowledged. */
export interface Gap {
  readonly endedAtMs: number;
  readonly lastedMs: number;
}

export interface Stretch {
  readonly lastedMs: number;
  readonly puts: number;
  readonly longestGapMs: number;
  /** Those worth telling, in order of time; `endedAtMs` counts from the beginning of the stretch. */
  readonly gaps: readonly Gap[];
  /** Of a load by the second from the moment when the put was due. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The longest time that a thread with nothing to do stood still: how busy the machine is with other things. */
  readonly machineMs: number;
}

const KEYS = 10_000;
const VALUE = '.'.repeat(100);
const SHORTEST_GAP_MS = 2;

export class Callers implements AsyncDisposable {
  readonly #witness = new Witness();
  readonly #put: Put;
  readonly #calling: Promise<unknown>;
  #isOver = false;
  #latency = createHistogram();
  #next = 0;
  #puts = 0;
  #startedAtMs = performance.now();
  #lastAtMs = performance.now();
  #longestGapMs = 0;
  #gaps: Gap[] = [];

  constructor(put: Put, load: Load) {
    this.#put = put;
    this.#calling =
      'callers' in load
        ? Promise.all(Array.from({ length: load.callers }, () => this.#callOn()))
        : this.#callAtRate(load.perSecond);
  }

  /** What they see until `end`. */
  async stretch(end: Promise<unknown>): Promise<Stretch> {
    this.#startedAtMs = performance.now();
    this.#latency = createHistogram();
    this.#puts = 0;
    this.#longestGapMs = 0;
    this.#gaps = [];
    this.#witness.takeLongestMs();
    await end;
    return {
      lastedMs: performance.now() - this.#startedAtMs,
      puts: this.#puts,
      longestGapMs: this.#longestGapMs,
      gaps: this.#gaps,
      p50Ms: this.#latency.percentile(50) / 1_000,
      p99Ms: this.#latency.percentile(99) / 1_000,
      machineMs: this.#witness.takeLongestMs(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#calling;
    await this.#witness[Symbol.asyncDispose]();
  }

  async #callOn(): Promise<void> {
    while (!this.#isOver) await this.#call(performance.now());
  }

  async #callAtRate(perSecond: number): Promise<void> {
    const underWay = new Set<Promise<void>>();
    let dueAtMs = performance.now();
    while (!this.#isOver) {
      for (const nowMs = performance.now(); dueAtMs <= nowMs; dueAtMs += 1_000 / perSecond) {
        const call = this.#call(dueAtMs).finally(() => underWay.delete(call));
        underWay.add(call);
      }
      await sleep(1);
    }
    await Promise.all(underWay);
  }

  async #call(dueAtMs: number): Promise<void> {
    await this.#put(`key/${this.#next++ % KEYS}`, VALUE);
    const nowMs = performance.now();
    this.#latency.record(Math.max(1, Math.round((nowMs - dueAtMs) * 1_000)));
    this.#puts += 1;
    const gapMs = nowMs - this.#lastAtMs;
    this.#lastAtMs = nowMs;
    this.#longestGapMs = Math.max(this.#longestGapMs, gapMs);
    if (gapMs >= SHORTEST_GAP_MS) this.#gaps.push({ endedAtMs: nowMs - this.#startedAtMs, lastedMs: gapMs });
  }
}

/** The longest gap of each window of that length, so that a long stretch can be held against a short one. The rest behind the last whole window is left out. */
export function longestGaps(
  { gaps, lastedMs }: Pick<Stretch, 'gaps' | 'lastedMs'>,
  windowMs: number,
): readonly number[] {
  const windows = Array<number>(Math.max(1, Math.floor(lastedMs / windowMs))).fill(0);
  for (const gap of gaps) {
    const window = Math.floor(gap.endedAtMs / windowMs);
    if (window < windows.length) windows[window] = Math.max(windows[window] ?? 0, gap.lastedMs);
  }
  return windows;
}

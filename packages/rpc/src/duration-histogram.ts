/** A histogram of durations. Recording takes a few machine instructions and no memory. */

/** The upper bounds of the buckets in milliseconds (inclusive). One more bucket takes what is above. */
const BOUNDS_MS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const;

export interface Bucket {
  /** The upper bound in milliseconds; Infinity for the last bucket. */
  readonly upToMs: number;
  /** The number of durations up to that bound. */
  readonly count: number;
}

export class DurationHistogram {
  /** The counts by bucket, followed by the sum of all durations in milliseconds. */
  readonly #counts = new Float64Array(BOUNDS_MS.length + 2);

  record(tookMs: number): void {
    let bucket = 0;
    while (bucket < BOUNDS_MS.length && tookMs > (BOUNDS_MS[bucket] as number)) bucket++;
    const counts = this.#counts;
    counts[bucket] = (counts[bucket] as number) + 1;
    counts[SUM] = (counts[SUM] as number) + tookMs;
  }

  get count(): number {
    return this.#counts.subarray(0, SUM).reduce((sum, count) => sum + count, 0);
  }

  get sumMs(): number {
    return this.#counts[SUM] ?? 0;
  }

  get buckets(): readonly Bucket[] {
    let count = 0;
    return [...BOUNDS_MS, Infinity].map((upToMs, at) => {
      count += this.#counts[at] ?? 0;
      return { upToMs, count };
    });
  }
}

const SUM = BOUNDS_MS.length + 1;

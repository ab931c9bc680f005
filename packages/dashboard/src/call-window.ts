/**
 * Counts what a node has answered, in total and recently. The counts are read from the node's meter at each sample, so
 * they cost nothing between samples.
 */
import type { CallMeter, Clock, DurationHistogram } from '@understudy/rpc';
import type { Calls } from './feed.ts';

/** The time that `lately` covers. */
const WINDOW_MS = 1_000;
/** Older counts are dropped: they are from a time when no viewer was connected. */
const STALE_MS = 5_000;

export interface CallWindowOptions {
  readonly meter: CallMeter;
  readonly clock: Clock;
  /** The name of a method in the feed. Undefined: the method is not counted. */
  readonly nameOf: (method: string) => string | undefined;
}

interface Count {
  readonly atMs: number;
  /** Calls per bucket, of all methods together; not cumulative. */
  readonly buckets: readonly number[];
}

export class CallWindow {
  readonly #options: CallWindowOptions;
  /** Oldest first. The latest count is compared with the first. */
  #counts: readonly Count[] = [];

  constructor(options: CallWindowOptions) {
    this.#options = options;
  }

  read(): Calls {
    const { meter, clock } = this.#options;
    const counted = this.#named(meter.durations);
    const lately = this.#lately({ atMs: clock.now(), buckets: together(counted.map(([, durations]) => durations)) });
    return {
      byMethod: Object.fromEntries(counted.map(([name, durations]) => [name, durations.count])),
      failures: sums(this.#named(meter.failures).map(([, failures]) => failures)),
      ...(lately === undefined ? {} : { lately }),
    };
  }

  #named<T>(byMethod: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
    return [...byMethod].flatMap(([method, value]) => {
      const name = this.#options.nameOf(method);
      return name === undefined ? [] : [[name, value] as const];
    });
  }

  #lately(now: Count): Calls['lately'] {
    const fresh = this.#counts.filter(({ atMs }) => now.atMs - atMs < STALE_MS);
    // The newest count that is at least a window old, and all counts after it.
    const from = fresh.findLastIndex(({ atMs }) => now.atMs - atMs >= WINDOW_MS);
    const kept = fresh.slice(Math.max(0, from));
    this.#counts = [...kept, now];
    const [first] = kept;
    if (first === undefined || now.atMs <= first.atMs) return undefined;
    const buckets = now.buckets.map((count, at) => count - (first.buckets[at] ?? 0));
    const total = buckets.reduce((sum, count) => sum + count, 0);
    const bounds = boundsOf(this.#options.meter);
    return {
      perSecond: Math.round((1_000 * total) / (now.atMs - first.atMs)),
      p50Ms: quantile(bounds, buckets, 0.5),
      p99Ms: quantile(bounds, buckets, 0.99),
    };
  }
}

function together(histograms: readonly DurationHistogram[]): readonly number[] {
  const sum: number[] = [];
  for (const { buckets } of histograms) {
    buckets.forEach(({ count }, at) => {
      sum[at] = (sum[at] ?? 0) + count - (buckets[at - 1]?.count ?? 0);
    });
  }
  return sum;
}

function boundsOf(meter: CallMeter): readonly number[] {
  const [durations] = meter.durations.values();
  return durations?.buckets.map(({ upToMs }) => upToMs) ?? [];
}

/** Assumes that calls are spread evenly within a bucket. Calls above the last bound count as that bound. */
function quantile(bounds: readonly number[], buckets: readonly number[], share: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  let wanted = share * total;
  for (const [at, count] of buckets.entries()) {
    if (count > 0 && wanted <= count) {
      const low = bounds[at - 1] ?? 0;
      const high = bounds[at] ?? low;
      return round(high === Infinity ? low : low + ((high - low) * wanted) / count);
    }
    wanted -= count;
  }
  return null;
}

function round(ms: number): number {
  return Number(ms.toPrecision(3));
}

function sums(counts: readonly ReadonlyMap<string, number>[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const each of counts) for (const [name, count] of each) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** So many operations under way at once, for so long. */
import { createHistogram } from 'node:perf_hooks';

export interface Driven {
  readonly count: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

/** Keeps `inFlight` operations under way; each takes the next key, and after the last the first. */
export async function drive(
  operate: (key: string) => Promise<unknown>,
  keys: readonly string[],
  inFlight: number,
  seconds: number,
): Promise<Driven> {
  const latency = createHistogram();
  const startMs = performance.now();
  const endMs = startMs + 1_000 * seconds;
  let next = 0;
  const call = async () => {
    for (let nowMs = performance.now(); nowMs < endMs; ) {
      await operate(keys[next++ % keys.length] ?? '');
      const answeredAtMs = performance.now();
      latency.record(Math.max(1, Math.round(1_000 * (answeredAtMs - nowMs))));
      nowMs = answeredAtMs;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, call));
  return {
    count: latency.count,
    perSecond: Math.round((1_000 * latency.count) / (performance.now() - startMs)),
    p50Ms: latency.percentile(50) / 1_000,
    p99Ms: latency.percentile(99) / 1_000,
    p999Ms: latency.percentile(99.9) / 1_000,
  };
}

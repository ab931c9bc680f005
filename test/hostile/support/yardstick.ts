/**
 * A fixed piece of work of the kind that a message costs: to parse JSON of many short texts and names. How long it
 * takes says how fast the processor is for this process at this moment, on a slow machine and beside other processes.
 */

/**
 * Milliseconds of processor time that it takes on the machine on which the bound of 50 ms was measured, where nothing
 * else runs.
 */
const REFERENCE_MS = 2;
/** Linux may count a thread's time by ticks of up to 10 ms, so it is done many times. */
const TIMES = 16;
const TEXT = JSON.stringify(
  Array.from({ length: 6_000 }, (_, n) => ({ [`name${n % 500}`]: n, key: `key/${n}`, value: 'x'.repeat(n % 100) })),
);

/**
 * How many times slower the processor is than that one; never below one. `usedMs`: the processor time of this thread.
 */
export function slowness(usedMs: () => number): number {
  const beganMs = usedMs();
  for (let time = 0; time < TIMES; time++) JSON.parse(TEXT);
  return Math.max(1, (usedMs() - beganMs) / TIMES / REFERENCE_MS);
}

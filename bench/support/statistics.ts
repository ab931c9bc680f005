/** Lines through points. */

export type Point = readonly [x: number, y: number];

/** The slope of the Theil-Sen line: the median of the slopes between all pairs, which a few outliers and a saw-tooth hardly move (Sen 1968). NaN of fewer than two points. */
export function theilSenSlope(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [at, [x, y]] of points.entries())
    for (const [otherX, otherY] of points.slice(at + 1)) if (otherX !== x) slopes.push((otherY - y) / (otherX - x));
  return median(slopes);
}

/** Of an even number the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** Between which values the median of what these were drawn from lies with a confidence of 95 %, whatever its shape: two of their ranks, by the sign test. */
export function medianInterval(values: readonly number[]): readonly [least: number, greatest: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const { length } = sorted;
  // Each value is below the median with a chance of one half: the least rank that leaves 2.5 % on its side.
  let chance = 0.5 ** length;
  let below = chance;
  let rank = 0;
  while (rank < length / 2 && below <= 0.025) {
    rank += 1;
    chance *= (length - rank + 1) / rank;
    below += chance;
  }
  const at = Math.max(0, rank - 1);
  return [sorted[at] ?? Number.NaN, sorted[length - 1 - at] ?? Number.NaN];
}

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

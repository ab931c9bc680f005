/**
 * The shape of a run. Most seeds have the usual shape; each other shape reaches what the usual one never reaches. A
 * shape draws from random streams of its own, so it shifts no draw of a usual seed.
 */
import type { SeededRandom } from '../world/seeded-random.ts';

export const SHAPES = ['usual', 'wide', 'large-values', 'few-sessions', 'overload'] as const;

/**
 * - `usual`: short values, some keys, one or two backups.
 * - `wide`: 5 or 6 servers, 3 or 4 backups.
 * - `large-values`: some values have 64 KiB to 1 MiB, and some have more than is allowed.
 * - `few-sessions`: the table of sessions has few places, so that sessions make room for others (S5).
 * - `overload`: little may wait at servers and clients, so that both refuse operations with OVERLOADED.
 */
export type Shape = (typeof SHAPES)[number];

/** The shares among all seeds that draw their shape. */
const SHARES: readonly (readonly [Shape, number])[] = [
  ['wide', 0.05],
  ['large-values', 0.05],
  ['few-sessions', 0.06],
  ['overload', 0.06],
];

export interface ShapeChoice {
  /** The shape that the caller asks for; undefined if it is drawn. */
  readonly shape: Shape | undefined;
  /** The caller sets the number of servers or backups. */
  readonly hasGivenSize: boolean;
  /** The caller wants little memory, or runs its own code: neither fits a workload of another shape. */
  readonly isUsual: boolean;
}

export function drawShape(random: SeededRandom, { shape, hasGivenSize, isUsual }: ShapeChoice): Shape {
  if (shape !== undefined) return shape;
  let left = random.number();
  for (const [drawn, share] of SHARES) {
    if (left < share) return isUsual || (drawn === 'wide' && hasGivenSize) ? 'usual' : drawn;
    left -= share;
  }
  return 'usual';
}

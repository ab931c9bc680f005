/**
 * Values of 64 KiB to 1 MiB. Such a value travels in pieces, fills a page of a scan, and leaves no room for other
 * values in the answer of a batch. Most values stay short, so that a run stays cheap. Some have the greatest allowed
 * length, so that an append is refused, and some are longer.
 */
import type { SeededRandom } from '../world/seeded-random.ts';

/** The most bytes that a value may have. The workload's values are ASCII, so one character is one byte. */
export const MOST_BYTES = 2 ** 20;
const LEAST_EXPONENT = 16;
const MOST_EXPONENT = 20;

/** The share of large values among the new values. */
const LARGE = 0.35;
/** Shares of the large values. */
const LONGEST = 0.15;
const TOO_LONG = 0.07;

/** @param token Was never written before; the value begins with it. */
export function maybeLarge(token: string, random: SeededRandom): string {
  return random.chance(LARGE) ? `${token}.`.padEnd(lengthOf(random), '-') : token;
}

function lengthOf(random: SeededRandom): number {
  if (random.chance(TOO_LONG)) return MOST_BYTES + 1;
  if (random.chance(LONGEST)) return MOST_BYTES;
  return Math.floor(2 ** (LEAST_EXPONENT + random.number() * (MOST_EXPONENT - LEAST_EXPONENT)));
}

/**
 * Values of 64 KiB to 1 MiB. Such a value travels in pieces, fills a page of a scan, and leaves no room for others in the answer of a
 * batch. Most values stay short, so that a run stays cheap. Some are as long as a value may be, so that an append is refused, and some
 * are longer.
 */
import type { OperationOptions } from '@understudy/kvservice';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { Operator } from './operator.ts';
import { recorded } from './operator.ts';

/** What a value may have at most, in bytes. Those of the workload are ASCII: a byte each. */
export const MOST_BYTES = 2 ** 20;
const LEAST_EXPONENT = 16;
const MOST_EXPONENT = 20;

/** Of the new values. */
const LARGE = 0.35;
/** Of the large ones. */
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

/** Reads of all keys in use, in one turn: one batch, whose answer cannot hold all of them where some are large. */
export async function getAll(operator: Operator, options: OperationOptions): Promise<void> {
  const { name, kv, keys, recorder } = operator;
  const reads = keys.current.map((key) => {
    const asked = recorder.begin({ client: name, op: 'get', key, value: undefined });
    return recorded(operator, asked, kv.get(key, options), (value) => value ?? null);
  });
  for (const read of await Promise.allSettled(reads)) if (read.status === 'rejected') throw read.reason;
}

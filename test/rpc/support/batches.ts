/** Batches whose parts can be told: all keys of one are there, or none. */
import type { Change } from '@understudy/rpc';

export const KEYS_IN_BATCH = 7;

/** One batch in ten is larger than a block of LevelDB's log. */
const LARGE = 40_000;

export function batchOf(number: number): Change[] {
  const value = String(number).padEnd(number % 10 === 0 ? LARGE : 100, '.');
  return Array.from({ length: KEYS_IN_BATCH }, (_, n) => ({ kind: 'put', key: `${number} ${n}`, value }));
}

/**
 * Derives bounds from V8's heap limit. Memory for connections is a share of the heap beside a server's data. With a
 * fixed bound, a few connections could end a process with a small heap.
 */
import { getHeapStatistics } from 'node:v8';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';

const MIB = 2 ** 20;
/** The part of the limit that V8 reserves for short-lived objects. */
const YOUNG_BYTES = 48 * MIB;
/** Reserved for the program itself. */
const RESERVED_BYTES = 16 * MIB;
/**
 * A request exists as bytes, as text of up to two bytes per character, and as parsed values, before the bytes are
 * garbage.
 */
const SHARE = 1 / 4;
/** One connection can send a request of the largest size without being stopped. */
const LEAST_BYTES = 16 * MIB;

/** The bytes that V8 may use for long-lived objects. `node --max-old-space-size` sets it. */
export function longLivedBytes(): number {
  return getHeapStatistics().heap_size_limit - YOUNG_BYTES;
}

export type HeldLimits = Pick<Limits, 'maxHeldBytes' | 'maxHeldBytesOfAddress'>;

/** The bounds on memory for connections when `otherBytes` of the heap serve another purpose. */
export function heldLimits(otherBytes = 0, heapBytes = longLivedBytes()): HeldLimits {
  const { maxHeldBytes, maxHeldBytesOfAddress } = DEFAULT_LIMITS;
  const share = Math.floor(SHARE * (heapBytes - otherBytes - RESERVED_BYTES));
  const bytes = Math.min(maxHeldBytes, Math.max(LEAST_BYTES, share));
  return { maxHeldBytes: bytes, maxHeldBytesOfAddress: Math.floor((bytes * maxHeldBytesOfAddress) / maxHeldBytes) };
}

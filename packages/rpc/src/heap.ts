/**
 * What the limit of V8's heap means for a process. The memory that is held for connections is a share of what the heap
 * has beside the data of a server: with a fixed bound a few connections could end a process whose heap is small.
 */
import { getHeapStatistics } from 'node:v8';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';

const MIB = 2 ** 20;
/** What V8 reserves for short-lived objects, within the limit that it tells of. */
const YOUNG_BYTES = 48 * MIB;
/** For the program itself. */
const RESERVED_BYTES = 16 * MIB;
/**
 * A request is there as bytes, as text of up to two bytes a character, and as the values in it, before the bytes are
 * garbage.
 */
const SHARE = 1 / 4;
/** One connection can send a request of the largest size without being stopped. */
const LEAST_BYTES = 16 * MIB;

/** Bytes that V8 may use for objects that live long: `node --max-old-space-size` sets it. */
export function longLivedBytes(): number {
  return getHeapStatistics().heap_size_limit - YOUNG_BYTES;
}

export type HeldLimits = Pick<Limits, 'maxHeldBytes' | 'maxHeldBytesOfAddress'>;

/** The bounds of what connections hold, where `otherBytes` of the heap are for something else. */
export function heldLimits(otherBytes = 0, heapBytes = longLivedBytes()): HeldLimits {
  const { maxHeldBytes, maxHeldBytesOfAddress } = DEFAULT_LIMITS;
  const share = Math.floor(SHARE * (heapBytes - otherBytes - RESERVED_BYTES));
  const bytes = Math.min(maxHeldBytes, Math.max(LEAST_BYTES, share));
  return { maxHeldBytes: bytes, maxHeldBytesOfAddress: Math.floor((bytes * maxHeldBytesOfAddress) / maxHeldBytes) };
}

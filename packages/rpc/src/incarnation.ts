/** Incarnation ids: UUIDs of version 7. The greater of two, compared as text, is the newer run (V11). */
import { v7 } from 'uuid';
import { UnderstudyError } from './failure.ts';
import type { World } from './world.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Accepts lower case only, because ids are compared as text. */
export function isIncarnation(text: string): boolean {
  return UUID_V7.test(text);
}

/**
 * Creates an id from the wall clock and randomness. With `after`, the new id is greater than that one, however wrong
 * the wall clock is. Throws INVALID_PARAMS if no UUID v7 is greater.
 */
export function newIncarnation(world: Pick<World, 'clock' | 'random'>, after?: string): string {
  if (after !== undefined && !isIncarnation(after)) throw invalid(`${JSON.stringify(after)} is no UUID version 7`);
  const random = world.random.bytes(16);
  const now = v7({ msecs: Math.floor(world.clock.wallNow()), random });
  if (after === undefined || now > after) return now;
  const next = v7({ msecs: Math.min(millisecondOf(after) + 1, 2 ** 48 - 1), random });
  if (next > after) return next;
  throw invalid(`no incarnation is greater than ${after}`);
}

/** The timestamp: the first 48 bits of a UUID v7. */
function millisecondOf(incarnation: string): number {
  return Number.parseInt(incarnation.slice(0, 8) + incarnation.slice(9, 13), 16);
}

function invalid(reason: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', `incarnation: ${reason}`, { data: { field: 'incarnation' } });
}

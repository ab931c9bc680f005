/** Incarnation ids: uuid v7, so that the greater of two texts is the newer run (V11). */
import { v7 } from 'uuid';
import { UnderstudyError } from './failure.ts';
import type { World } from './world.ts';

/**
 * A new id, from the wall clock and from randomness. With `after`, a uuid v7, it is greater than that as text, however wrong the
 * wall clock is; INVALID_PARAMS where no uuid v7 is.
 */
export function newIncarnation(world: Pick<World, 'clock' | 'random'>, after?: string): string {
  const random = world.random.bytes(16);
  const now = v7({ msecs: Math.floor(world.clock.wallNow()), random });
  if (after === undefined || now > after) return now;
  const next = v7({ msecs: Math.min(millisecondOf(after) + 1, 2 ** 48 - 1), random });
  if (next > after) return next;
  throw new UnderstudyError('INVALID_PARAMS', `no incarnation is greater than ${JSON.stringify(after)}`, {
    data: { field: 'incarnation' },
  });
}

/** The first 48 bits of a uuid v7. */
function millisecondOf(incarnation: string): number {
  const digits = /^([0-9a-f]{8})-([0-9a-f]{4})-/.exec(incarnation);
  return digits === null ? 0 : Number.parseInt(`${digits[1]}${digits[2]}`, 16);
}

/** Messages of other servers, and answers to our own calls, that were refused because something in them was wrong. */

// All are counted, for the metrics. They are told in the log too, but of one kind and method at most once a second:
// whoever reaches the port can send any number of them, and must not fill the log.
import type { Clock } from '@understudy/rpc';
import type { RefusalKind, Refused } from './core/effect.ts';

/** Milliseconds from one notice of a kind to the next. */
const QUIET_MS = 1_000;

export interface RefusalsTold extends Refused {
  /** How many there were since the last notice of this kind and method, this one included. */
  readonly times: number;
}

export class Refusals {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onTold: (told: RefusalsTold) => void;
  readonly #told = new Map<string, { at: number; times: number }>();
  readonly #counts: Record<RefusalKind, number> = { malformed: 0, unfit: 0, unconfirmed: 0 };

  constructor(clock: Pick<Clock, 'now'>, onTold: (told: RefusalsTold) => void) {
    this.#clock = clock;
    this.#onTold = onTold;
  }

  get counts(): Readonly<Record<RefusalKind, number>> {
    return this.#counts;
  }

  note(refused: Refused): void {
    this.#counts[refused.why] += 1;
    const kind = `${refused.why} ${refused.method}`;
    const last = this.#told.get(kind) ?? { at: -Infinity, times: 0 };
    const times = last.times + 1;
    const now = this.#clock.now();
    const isDue = now - last.at >= QUIET_MS;
    this.#told.set(kind, isDue ? { at: now, times: 0 } : { at: last.at, times });
    if (isDue) this.#onTold({ ...refused, times });
  }
}

/** A message, or an answer, that could not be read. `from` may be anything: it is cut to what a name can be. */
export function malformed(method: string, from: unknown, reason: string): Refused {
  const named = typeof from === 'string' ? from.slice(0, 255) : 'nobody';
  return { kind: 'message-refused', method, from: named, why: 'malformed', reason };
}

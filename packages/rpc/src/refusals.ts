/** Refusals: messages of other processes, and answers to own calls, that changed nothing because something in them was wrong. */

// All are counted, for the metrics. They are told in the log too, but of one kind and method at most once a second:
// whoever reaches the port can send any number of them, and must not fill the log.
import type { Clock } from './clock.ts';

/** A message from outside, or the answer to one of ours, that changed nothing because something in it was wrong. */
export interface Refused {
  readonly kind: 'message-refused';
  /** Of the message, or of the question that was answered. */
  readonly method: string;
  /** The server that it claims to come from, or that was asked. */
  readonly from: string;
  readonly why: RefusalKind;
  readonly reason: string;
}

/**
 * `malformed`: a field is not what it must be. `unfit`: of another cluster or another run, or it contradicts what is known.
 * `unconfirmed`: it claims something that neither the monitor nor the server's own address confirms.
 */
export type RefusalKind = 'malformed' | 'unfit' | 'unconfirmed';

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

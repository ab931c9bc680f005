/**
 * Records refused messages: messages of other processes, and answers to this server's calls, that changed nothing
 * because they were wrong.
 *
 * All are counted for the metrics. In the log, each kind and method is reported at most once a second, because any
 * process that reaches the port can send any number of them and must not fill the log.
 */

import type { Clock } from './clock.ts';

/** A message, or an answer to a call of this server, that was refused because something in it was wrong. */
export interface Refused {
  readonly kind: 'message-refused';
  /** The method of the message, or of the answered question. */
  readonly method: string;
  /** The claimed sender, or the server that was asked. */
  readonly from: string;
  readonly why: RefusalKind;
  readonly reason: string;
}

/**
 * `malformed`: a field is invalid. `unfit`: it belongs to another cluster or another run, or contradicts what is known.
 * `unconfirmed`: neither the monitor nor the server at its own address confirms what it claims.
 */
export type RefusalKind = 'malformed' | 'unfit' | 'unconfirmed';

/** The least milliseconds between two notices of one kind. */
const QUIET_MS = 1_000;

export interface RefusalsTold extends Refused {
  /** How many were refused since the last notice of this kind and method, including this one. */
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

/**
 * Creates the refusal of a malformed message or answer. `from` may be any value, and is cut to the length of a name.
 */
export function malformed(method: string, from: unknown, reason: string): Refused {
  const named = typeof from === 'string' ? from.slice(0, 255) : 'nobody';
  return { kind: 'message-refused', method, from: named, why: 'malformed', reason };
}

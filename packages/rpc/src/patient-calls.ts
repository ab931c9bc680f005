/** Calls whose late answers count: a caller hears soon that a call is slow, and goes on as it likes; the answer, when it comes, is not lost. */
import type { Clock } from './clock.ts';
import { UnderstudyError } from './failure.ts';
import { RoundTrips } from './round-trips.ts';
import type { Address, CallOptions } from './transport.ts';

export interface PatientCallsParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly call: (to: Address, method: string, params: object, options: CallOptions) => Promise<unknown>;
  /** Milliseconds that a near peer has for its answer. */
  readonly shortestMs: number;
}

export interface PatientCallOptions {
  /** Milliseconds after which nobody wants an answer; Infinity is allowed. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** About how many the request has, where it has many. */
  readonly bytes: number;
  /** The call is slow: it rejects with TIMEOUT right after this. Never called when there was an answer. */
  readonly onSlow?: (slowness: Slowness) => void;
  /** The answer, after the call was slow. A failure that comes late is not told. */
  readonly onLate?: (answer: unknown) => void;
}

export interface Slowness {
  /** See `SlowCall.tell`. */
  readonly isMoving: boolean;
}

/** An answer later than that many times the usual wait is of no use: its call is forgotten. */
const LATEST = 16;

export class PatientCalls {
  readonly roundTrips: RoundTrips;
  readonly #parts: PatientCallsParts;

  constructor(parts: PatientCallsParts) {
    this.#parts = parts;
    this.roundTrips = new RoundTrips(parts.shortestMs);
  }

  /** Rejects with TIMEOUT, not definite, when no answer came in the time that such answers usually take. */
  call(to: Address, method: string, params: object, options: PatientCallOptions): Promise<unknown> {
    const { bytes, signal } = options;
    const { clock, call } = this.#parts;
    const { roundTrips } = this;
    const slowAfterMs = roundTrips.slowAfterMs(to, bytes);
    const timeoutMs = Math.min(options.timeoutMs, LATEST * slowAfterMs);
    const sinceMs = clock.now();
    roundTrips.began(to, bytes);
    return new Promise((resolve, reject) => {
      let isSlow = false;
      const tell = (isMoving: boolean): void => {
        if (isSlow) return;
        isSlow = true;
        options.onSlow?.({ isMoving });
        reject(this.#slow(to, slowAfterMs));
      };
      const slow = slowAfterMs < timeoutMs ? { afterMs: slowAfterMs, tell } : undefined;
      // One chain for all: each further promise is waited for once more, on the way of every operation.
      call(to, method, params, { timeoutMs, signal, slow }).then(
        (answer) => {
          roundTrips.ended(to, bytes);
          roundTrips.answered(to, bytes, clock.now() - sinceMs);
          if (isSlow) options.onLate?.(answer);
          else resolve(answer);
        },
        (error) => {
          roundTrips.ended(to, bytes);
          reject(error);
        },
      );
    });
  }

  #slow(to: Address, slowAfterMs: number): UnderstudyError {
    const measured = this.roundTrips.words(to);
    const message = `no answer within ${Math.round(slowAfterMs)} ms${measured === '' ? '' : `; ${measured}`}`;
    return UnderstudyError.answered('TIMEOUT', message, { definite: false });
  }
}

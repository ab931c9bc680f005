/**
 * Calls whose late answers still count. The caller learns early that a call is slow, and can do something else; a late
 * answer is not lost.
 */
import type { Clock } from './clock.ts';
import { UnderstudyError } from './failure.ts';
import { RoundTrips } from './round-trips.ts';
import type { Address, CallOptions } from './transport.ts';

export interface PatientCallsParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly call: (to: Address, method: string, params: object, options: CallOptions) => Promise<unknown>;
  /** How long to wait for a nearby peer, in milliseconds. */
  readonly shortestMs: number;
}

export interface PatientCallOptions {
  /** Milliseconds after which the answer is not needed any more; Infinity is allowed. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The approximate size of the request, if it is large. */
  readonly bytes: number;
  /**
   * Called when the call is slow; the call rejects with TIMEOUT right after that. Not called if there was an answer.
   */
  readonly onSlow?: (slowness: Slowness) => void;
  /** Called with an answer that arrives after the call was slow. A late failure is not reported. */
  readonly onLate?: (answer: unknown) => void;
}

export interface Slowness {
  /** See `SlowCall.tell`. */
  readonly isMoving: boolean;
}

/** An answer later than this many times the usual wait is useless, and its call is forgotten. */
const LATEST = 16;

export class PatientCalls {
  readonly roundTrips: RoundTrips;
  readonly #parts: PatientCallsParts;

  constructor(parts: PatientCallsParts) {
    this.#parts = parts;
    this.roundTrips = new RoundTrips(parts.shortestMs);
  }

  /** Makes a call. Rejects with TIMEOUT (not definite) if there is no answer within the usual time of such answers. */
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
      // One promise chain for everything: each further promise would add a wait to every operation.
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

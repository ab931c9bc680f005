/**
 * Detects that operations wait and nothing is answered any more, and reports it once, with what they wait for.
 * Otherwise a caller without a timeout would wait for ever without any sign.
 *
 * It has no timer. A waiting operation retries, or asks for the view, at least every few hundred milliseconds, and each
 * time the state is checked. So it costs nothing while all is well.
 */
import type { Clock } from '@understudy/rpc';
import type { ClientNotice } from './notice.ts';

export interface StandstillParts {
  readonly clock: Clock;
  /** The known reason, in words; "" if none is known. */
  readonly trouble: () => string;
  readonly say: (notice: Extract<ClientNotice, { readonly kind: 'waiting' }>) => void;
}

/** Milliseconds without an answer. */
const LONG_MS = 5_000;

export class Standstill {
  readonly #parts: StandstillParts;
  #waiting = 0;
  #answers = 0;
  /** The value of `#answers` at the last check; -1 if nothing waited. */
  #seenAnswers = -1;
  #sinceMs = 0;
  #isTold = false;
  /** How the latest try failed since then; "" if none did. */
  #lastFailure = '';
  #onIdle: (() => void) | undefined;

  constructor(parts: StandstillParts) {
    this.#parts = parts;
  }

  /** An operation has begun. `end` must follow. */
  begin(): void {
    this.#waiting += 1;
  }

  end(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    this.#seenAnswers = -1;
    this.#onIdle?.();
  }

  /** A server has answered an operation. */
  answered(): void {
    this.#answers += 1;
  }

  /** Resolves when no operation is in progress. */
  async idle(): Promise<void> {
    if (this.#waiting > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Called after each try, question or failure: checks for how long nothing was answered. */
  look(failure = ''): void {
    if (this.#waiting === 0) return;
    const now = this.#parts.clock.now();
    if (this.#seenAnswers !== this.#answers) {
      this.#seenAnswers = this.#answers;
      this.#sinceMs = now;
      this.#isTold = false;
      this.#lastFailure = '';
    }
    if (failure !== '') this.#lastFailure = failure;
    if (!this.#isTold && now - this.#sinceMs > LONG_MS) this.#tell(now - this.#sinceMs);
  }

  #tell(ms: number): void {
    this.#isTold = true;
    const operations = this.#waiting;
    const reasons = [this.#parts.trouble(), this.#lastFailure && `the last try failed: ${this.#lastFailure}`];
    const known = reasons.filter((reason) => reason !== '').join('; ');
    const reason = known === '' ? 'no server has answered' : known;
    const who = operations === 1 ? '1 operation waits' : `${operations} operations wait`;
    const seconds = Math.round(ms / 1_000);
    const message = `${who}, and nothing was answered for ${seconds} s: ${reason}. The client goes on trying.`;
    this.#parts.say({ kind: 'waiting', operations, ms, reason, message });
  }
}

/**
 * Notices that operations wait and nothing is answered any more, and says so once, with what they wait for. A caller without a timeout would
 * otherwise wait for ever and learn nothing.
 *
 * It has no timer of its own: an operation that waits tries again, or asks for the view, at least every few hundred milliseconds, and each of
 * these is a time to look. So it costs nothing while all is well.
 */
import type { Clock } from '@understudy/rpc';
import type { ClientNotice } from './notice.ts';

export interface StandstillParts {
  readonly clock: Clock;
  /** What is known of the reason, in words; "" where nothing is. */
  readonly trouble: () => string;
  readonly say: (notice: Extract<ClientNotice, { readonly kind: 'waiting' }>) => void;
}

/** Milliseconds without an answer. */
const LONG_MS = 5_000;

export class Standstill {
  readonly #parts: StandstillParts;
  #waiting = 0;
  #answers = 0;
  /** At the last look: `#answers`; -1: nothing waited. */
  #seenAnswers = -1;
  #sinceMs = 0;
  #isTold = false;
  /** How the latest try failed since then; "" where none did. */
  #lastFailure = '';
  #onIdle: (() => void) | undefined;

  constructor(parts: StandstillParts) {
    this.#parts = parts;
  }

  /** An operation has begun; `end` must follow. */
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

  /** Resolves when no operation is under way. */
  async idle(): Promise<void> {
    if (this.#waiting > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Something was tried, or asked, or has failed: a time to see how long nothing was answered. */
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
    const message = `${who}, and nothing was answered for ${Math.round(ms / 1_000)} s: ${reason}. The client goes on trying.`;
    this.#parts.say({ kind: 'waiting', operations, ms, reason, message });
  }
}

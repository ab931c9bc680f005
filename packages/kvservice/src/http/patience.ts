/** The deadline of one HTTP request, shared by all operations that it takes. */
import type { OperationOptions } from '../client/options.ts';

export class Patience {
  readonly #now: () => number;
  readonly #endsAtMs: number;
  readonly #signal: AbortSignal;

  constructor(now: () => number, timeoutMs: number, signal: AbortSignal) {
    this.#now = now;
    this.#endsAtMs = now() + timeoutMs;
    this.#signal = signal;
  }

  /** The remaining time, for the next operation. */
  get options(): OperationOptions {
    return { timeout: Math.max(0, this.#endsAtMs - this.#now()), signal: this.#signal };
  }
}

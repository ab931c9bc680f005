/**
 * When the present turn of the event loop began to deliver requests. All of its requests count as arrived then, so the
 * clock is read once for all.
 */
import type { Clock } from './clock.ts';

export class TurnTime {
  readonly #clock: Clock;
  #isKnown = false;
  #us = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In whole microseconds, as 32 bits. */
  get arrivedUs(): number {
    if (!this.#isKnown) {
      this.#isKnown = true;
      this.#us = microseconds(this.#clock);
      this.#clock.endOfTurn(this.#forget);
    }
    return this.#us;
  }

  /** Milliseconds since then. Correct across the overflow of 32 bits, up to 71 minutes. */
  since(arrivedUs: number): number {
    return ((microseconds(this.#clock) - arrivedUs) >>> 0) / 1_000;
  }

  readonly #forget = (): void => {
    this.#isKnown = false;
  };
}

function microseconds(clock: Clock): number {
  return (clock.now() * 1_000) | 0;
}

/** The real clock: the machine's own, and Node's timers. */
import type { Clock, Timer } from './clock.ts';

/** Node's timers hold no more, and fire at once when given more. */
const MAX_DELAY_MS = 2 ** 31 - 1;
/** Rounds of callbacks in one end of a turn: enough to pass work down a few layers, too few to keep input waiting. */
const MAX_ROUNDS = 4;

/**
 * What the end of a turn asks for at the end of a turn happens in the same one, a few rounds deep: so what one layer gathers and
 * hands down there still leaves in this turn.
 */
export class RealClock implements Clock {
  #ending: (() => void)[] = [];
  #scheduled = false;

  now(): number {
    return performance.now();
  }

  wallNow(): number {
    return Date.now();
  }

  after(delayMs: number, callback: () => void): Timer {
    return new RealTimer(performance.now() + Math.max(0, delayMs), callback);
  }

  endOfTurn(callback: () => void): void {
    this.#ending.push(callback);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    const callbacks = this.#ending; // grows while they run
    let done = 0;
    try {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const upTo = callbacks.length;
        while (done < upTo) callbacks[done++]?.();
      }
    } finally {
      // Also after a callback that threw: the others have their turn.
      this.#ending = callbacks.slice(done);
      this.#scheduled = this.#ending.length > 0;
      if (this.#scheduled) setImmediate(this.#endTurn);
    }
  };
}

/** Node rounds delays down and counts from the start of the turn: what fires early is set again. */
class RealTimer implements Timer {
  readonly #dueMs: number;
  readonly #callback: () => void;
  #timeout: NodeJS.Timeout;

  constructor(dueMs: number, callback: () => void) {
    this.#dueMs = dueMs;
    this.#callback = callback;
    this.#timeout = this.#arm();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }

  #arm(): NodeJS.Timeout {
    const delayMs = Math.ceil(this.#dueMs - performance.now());
    return setTimeout(this.#fire, Math.min(Math.max(1, delayMs), MAX_DELAY_MS));
  }

  readonly #fire = (): void => {
    if (performance.now() < this.#dueMs) this.#timeout = this.#arm();
    else this.#callback();
  };
}

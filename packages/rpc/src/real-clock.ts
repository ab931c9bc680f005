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
    return new RealTimer(delayMs, callback);
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

/**
 * Node counts whole milliseconds, and the one that has begun as one: a timer of Node's may be early by less than one, and is set
 * for one more. So equal delays are of equal timers of Node's, which keeps those in order, and none has to be set again for being
 * early, which would put it behind the next one.
 */
class RealTimer implements Timer {
  readonly #dueMs: number;
  readonly #callback: () => void;
  #timeout: NodeJS.Timeout;

  constructor(delayMs: number, callback: () => void) {
    this.#dueMs = performance.now() + Math.max(0, delayMs);
    this.#callback = callback;
    this.#timeout = this.#arm(delayMs);
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }

  #arm(delayMs: number): NodeJS.Timeout {
    return setTimeout(this.#fire, Math.min(Math.max(0, Math.ceil(delayMs)) + 1, MAX_DELAY_MS));
  }

  /** Early is only one whose delay is longer than Node's longest. */
  readonly #fire = (): void => {
    const leftMs = this.#dueMs - performance.now();
    if (leftMs > 0) this.#timeout = this.#arm(leftMs);
    else this.#callback();
  };
}

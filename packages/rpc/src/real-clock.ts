/** The real clock: the machine's clocks, and Node's timers. */
import type { Clock, Timer } from './clock.ts';

/** The longest delay of Node's timers. With a longer one they fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;
/**
 * The most rounds of callbacks at the end of a turn: enough to pass work down a few layers, and too few to delay input.
 */
const MAX_ROUNDS = 4;

/**
 * A callback that is registered during the end of a turn still runs in the same one, up to a few rounds. So work that
 * one layer collects and passes down there still leaves in this turn.
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
    const callbacks = this.#ending; // may grow while the callbacks run
    let done = 0;
    try {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const upTo = callbacks.length;
        while (done < upTo) callbacks[done++]?.();
      }
    } finally {
      // This also runs after a callback threw, so the other callbacks still run.
      this.#ending = callbacks.slice(done);
      this.#scheduled = this.#ending.length > 0;
      if (this.#scheduled) setImmediate(this.#endTurn);
    }
  };
}

/**
 * A timer. Node counts whole milliseconds and counts the present one as complete, so its timers may be early by less
 * than one. This timer is set for one millisecond more. Equal delays then use equal Node timers, which stay in order,
 * and no timer must be set again because it was early, which would put it behind the next one.
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

  /** Only a timer with a delay longer than Node's longest fires early. */
  readonly #fire = (): void => {
    const leftMs = this.#dueMs - performance.now();
    if (leftMs > 0) this.#timeout = this.#arm(leftMs);
    else this.#callback();
  };
}

/**
 * Shares the time of a turn of the event loop among the busy connections of a listener, so that no turn is long,
 * however many there are.
 */
import type { Clock } from './clock.ts';
import { TextShare } from './text-share.ts';

/** The time for all connections together. Timers, and answers of other servers, may have to wait that long. */
const TURN_MS = 16;
/** The bound if more connections become busy than in the previous turn. */
const LONGEST_TURN_MS = 32;

export class TurnShare {
  /** The share for text of answers. */
  readonly text: TextShare;
  readonly #clock: Clock;
  #busy = 0;
  #busyBefore = 0;
  #beganMs = 0;
  #turns = 0;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.text = new TextShare(clock);
  }

  /**
   * Returns until when one more connection may be served in this turn, on the clock; it may handle one line in any
   * case. The number of other connections is estimated from the previous turn.
   */
  take(): number {
    const nowMs = this.#clock.now();
    if (this.#busy === 0) {
      this.#beganMs = nowMs;
      this.#clock.endOfTurn(this.#endTurn);
    }
    this.#busy += 1;
    return Math.min(nowMs + TURN_MS / Math.max(this.#busy, this.#busyBefore), this.#beganMs + LONGEST_TURN_MS);
  }

  /** Does one piece of work as soon as a turn has time for it. */
  run(work: () => void): void {
    if (this.#clock.now() < this.take()) work();
    else this.nextTurn(() => this.run(work));
  }

  /** Calls back in the next turn. Each time another waiting callback is the first. */
  nextTurn(callback: () => void): void {
    // The timer is set when this turn ends. If it were set at once, it could fire within this turn when timers take
    // long, and only timers would run.
    if (this.#waiting.push(callback) === 1) this.#clock.endOfTurn(() => this.#clock.after(0, this.#goOn));
  }

  readonly #endTurn = (): void => {
    this.#busyBefore = this.#busy;
    this.#busy = 0;
  };

  readonly #goOn = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#turns += 1;
    const first = this.#turns % waiting.length;
    for (const callback of [...waiting.slice(first), ...waiting.slice(0, first)]) callback();
  };
}

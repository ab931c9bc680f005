/** How long each busy connection of a listener may be worked for in one turn of the event loop, so that no turn is long, however many they are. */
import type { Clock } from './clock.ts';
import { TextShare } from './text-share.ts';

/** Of all connections together: as long as timers, and answers of other servers, may have to wait. */
const TURN_MS = 16;
/** Where more became busy than were before. */
const LONGEST_TURN_MS = 32;

export class TurnShare {
  /** Of the text that is made of answers. */
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
   * Until when one more connection may be worked for in this turn, on the clock; one line it may bring in any case.
   * How many others there will be is known from the turn before.
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

  /** Calls back in the next turn; of those who wait somebody else is the first each time. */
  nextTurn(callback: () => void): void {
    // Set when this turn ends: a timer set at once may be due before that, when timers take long, and then timers alone would run.
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

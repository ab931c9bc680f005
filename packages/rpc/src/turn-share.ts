/** How many lines each busy connection of a listener may bring in one turn of the event loop, so that no turn is long, however many they are. */
import type { Clock } from './clock.ts';

/** Of all connections together. */
const LINES_A_TURN = 8_192;
/** Of each connection, in a turn that is long already. */
const LEAST_LINES = 16;
const LONG_TURN_MS = 50;

export class TurnShare {
  readonly #clock: Clock;
  #busy = 0;
  #busyBefore = 0;
  #beganMs = 0;
  #turns = 0;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The lines of one more connection in this turn. How many others there will be is known from the turn before. */
  take(): number {
    if (this.#busy === 0) {
      this.#beganMs = this.#clock.now();
      this.#clock.endOfTurn(this.#endTurn);
    }
    this.#busy += 1;
    if (this.#clock.now() - this.#beganMs > LONG_TURN_MS) return LEAST_LINES;
    return Math.max(LEAST_LINES, Math.floor(LINES_A_TURN / Math.max(this.#busy, this.#busyBefore)));
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

/**
 * How much text may be on its way to one backup. It doubles with each full window of prompt answers, and halves when answers show that
 * a queue has built up on the way (as TCP Vegas does: Brakmo and Peterson 1995). So a fast line is never waited for, and the queue of a
 * slow one stays so short that a heartbeat behind it still comes in time, even where all connections share one queue (V13).
 */

/** UTF-16 units at the beginning, when nothing is known of the line. */
const FIRST = 32_000;
const LEAST = 4_000;

export class Pace {
  /** UTF-16 units that may be on the way. */
  #allowed = FIRST;
  readonly #most: number;
  /** Messages with a lower number were sent before the last halving, which they brought about, or their like did. */
  #halvedAt = 0;

  constructor(most: number) {
    this.#most = Math.max(LEAST, most);
  }

  get allowed(): number {
    return this.#allowed;
  }

  /** Units of the largest single message: two of them fill the line. */
  get messageUnits(): number {
    return this.#allowed / 2;
  }

  /** An answer came in good time. `inFlight`: the units that were under way when it came, its own message included. */
  prompt(units: number, inFlight: number): void {
    // A window that was never full says nothing of a fuller one.
    if (inFlight >= this.#allowed / 2) this.#allowed = Math.min(this.#most, this.#allowed + units);
  }

  /** Message `number` was answered late, or not at all; `next` is the number of the message that is sent next. */
  late(number: number, next: number): void {
    if (number < this.#halvedAt) return;
    this.#halvedAt = next;
    this.#allowed = Math.max(LEAST, this.#allowed / 2);
  }
}

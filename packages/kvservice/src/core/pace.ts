/**
 * Congestion control: how much text may be in flight to one backup.
 *
 * The window grows by what is answered promptly, so it doubles with each full window. It halves when late answers show
 * that a queue has built up on the way, as in TCP Vegas (Brakmo and Peterson 1995). A fast network is therefore fully
 * used, and the queue of a slow one stays so short that heartbeats arrive in time, even if all connections share that
 * queue (V13).
 */

/** The initial window in UTF-16 units, before anything is known about the network. */
const FIRST = 32_000;
const LEAST = 4_000;

export class Pace {
  /** The UTF-16 units that may be in flight. */
  #allowed = FIRST;
  readonly #most: number;
  /**
   * Messages with a lower number were sent before the last halving. The same queue delayed them, so they cause no
   * second halving.
   */
  #halvedAt = 0;

  constructor(most: number) {
    this.#most = Math.max(LEAST, most);
  }

  get allowed(): number {
    return this.#allowed;
  }

  /** The largest single message in UTF-16 units. Two of them fill the window. */
  get messageUnits(): number {
    return this.#allowed / 2;
  }

  /** An answer was prompt. `inFlight` is the number of units in flight when it arrived, its own message included. */
  prompt(units: number, inFlight: number): void {
    // A window that was never full says nothing about a larger one.
    if (inFlight >= this.#allowed / 2) this.#allowed = Math.min(this.#most, this.#allowed + units);
  }

  /** Message `number` was answered late, or not at all. `next` is the number of the next message to be sent. */
  late(number: number, next: number): void {
    if (number < this.#halvedAt) return;
    this.#halvedAt = next;
    this.#allowed = Math.max(LEAST, this.#allowed / 2);
  }
}

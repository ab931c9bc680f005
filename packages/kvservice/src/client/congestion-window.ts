/**
 * The congestion window: how many operations may be at the servers at once. It halves after each sign of congestion and
 * grows with every answer (AIMD: Jacobson, Congestion Avoidance and Control, 1988).
 */

/** The smallest window: enough to notice that congestion is over. */
const LEAST = 16;
/** The growth of the window per window of answers. */
const INCREASE = 4;

export class CongestionWindow {
  readonly #most: number;
  #size: number;
  #flight = 0;

  /** Starts at `most`: the servers will say if that is too much. */
  constructor(most: number) {
    this.#most = most;
    this.#size = most;
  }

  /** The number of operations, with fractions. */
  get size(): number {
    return this.#size;
  }

  /** Operations that are sent now belong to this flight. */
  get flight(): number {
    return this.#flight;
  }

  answered(): void {
    this.#size = Math.min(this.#most, this.#size + INCREASE / this.#size);
  }

  /**
   * An operation of this flight was refused, or had no answer in time. All failures of one flight count as one sign.
   */
  congested(flight: number): void {
    if (flight !== this.#flight) return;
    this.#flight += 1;
    this.#size = Math.max(Math.min(LEAST, this.#most), this.#size / 2);
  }
}

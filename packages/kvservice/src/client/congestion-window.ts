/** How many operations may be at the servers at once: half as many after each sign of congestion, more with every answer (AIMD: Jacobson, Congestion Avoidance and Control, 1988). */

/** Enough to learn that things are better. */
const LEAST = 16;
/** More for each whole window of answers. */
const INCREASE = 4;

export class CongestionWindow {
  readonly #most: number;
  #size: number;
  #flight = 0;

  /** Begins at `most`: what is too much the servers will say. */
  constructor(most: number) {
    this.#most = most;
    this.#size = most;
  }

  /** Operations, with fractions. */
  get size(): number {
    return this.#size;
  }

  /** What leaves now belongs to this flight. */
  get flight(): number {
    return this.#flight;
  }

  answered(): void {
    this.#size = Math.min(this.#most, this.#size + INCREASE / this.#size);
  }

  /** Something of this flight was refused, or had no answer in time. However many they are, they are one sign. */
  congested(flight: number): void {
    if (flight !== this.#flight) return;
    this.#flight += 1;
    this.#size = Math.max(Math.min(LEAST, this.#most), this.#size / 2);
  }
}

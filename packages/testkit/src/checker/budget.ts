/** A budget limits how much a search may do and remember. */

export interface CheckBudget {
  /** Attempts to let an operation take effect, over all keys. A million takes about a second. */
  readonly steps?: number | undefined;
  /** Configurations remembered at a time, so for one key. A million takes some hundred megabytes. */
  readonly states?: number | undefined;
}

export class Budget {
  #steps: number;
  #states: number;
  #spent = 0;
  #whole: Budget | undefined;

  constructor({ steps = 10_000_000, states = 1_000_000 }: CheckBudget = {}) {
    this.#steps = steps;
    this.#states = states;
  }

  /** A budget that takes at most `steps` out of this one, and has the same room for states. */
  part(steps: number): Budget {
    const part = new Budget({ steps: Math.min(steps, this.#steps), states: this.#states });
    part.#whole = this;
    return part;
  }

  get stepsSpent(): number {
    return Math.round(this.#spent);
  }

  get stepsLeft(): number {
    return this.#steps;
  }

  /** True if the search needed to remember more than it may. More steps would not help. */
  get lacksStates(): boolean {
    return this.#states < 0;
  }

  /** True if the search asked for more than there was. */
  get isSpent(): boolean {
    return this.#steps < 0 || this.#states < 0;
  }

  /** Returns false if no step is left. */
  spendStep(steps = 1): boolean {
    this.#spent += steps;
    this.#steps -= steps;
    this.#whole?.spendStep(steps);
    return this.#steps >= 0;
  }

  spendState(): boolean {
    return --this.#states >= 0;
  }
}

/** How much a search may do, and how much it may remember. */

export interface CheckBudget {
  /** Attempts to let an operation take effect, over all keys; a million takes about a second. */
  readonly steps?: number | undefined;
  /** Configurations remembered at a time, so of one key; a million takes some hundred megabytes. */
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

  /** One that takes its steps out of this one, at most so many; and has as much room. */
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

  /** Whether more was to be remembered than there was room for: more steps would not help. */
  get lacksStates(): boolean {
    return this.#states < 0;
  }

  /** Whether more was asked for than there was. */
  get isSpent(): boolean {
    return this.#steps < 0 || this.#states < 0;
  }

  /** False: there is none left. */
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

/** The work that explaining a violation may cost: many small searches out of one purse. */
import { Budget } from './budget.ts';

/** Steps of searches, and operations that these begin with: about a second. */
const MOST_WORK = 300_000;
const MOST_STEPS_EACH = 40_000;
const MOST_STATES_EACH = 50_000;

export class ShareOfWork {
  #left = MOST_WORK;
  #last: Budget | undefined;
  #spent = false;

  /** A budget for the next search, of so many operations; with nothing in it when the purse is empty. */
  next(operations: number): Budget {
    this.#settle();
    this.#left -= operations;
    this.#last = new Budget({ steps: Math.min(MOST_STEPS_EACH, Math.max(0, this.#left)), states: MOST_STATES_EACH });
    return this.#last;
  }

  /** Whether there is nothing left to search with. */
  get isEmpty(): boolean {
    this.#settle();
    return this.#left <= 0;
  }

  /** Whether a search ended for want of a budget. */
  get isSpent(): boolean {
    this.#settle();
    return this.#spent;
  }

  #settle(): void {
    this.#left -= this.#last?.stepsSpent ?? 0;
    this.#spent ||= this.#last?.isSpent ?? false;
    this.#last = undefined;
  }
}

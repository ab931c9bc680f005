/** The work that explaining a violation may cost: many small searches out of one purse. */
import { Budget } from './budget.ts';

const MOST_STEPS = 500_000;
const MOST_STEPS_EACH = 50_000;
const MOST_STATES_EACH = 50_000;

export class ShareOfWork {
  #left = MOST_STEPS;
  #last: Budget | undefined;
  #spent = false;

  /** A budget for the next search; with nothing in it when the purse is empty. */
  next(): Budget {
    this.#settle();
    this.#last = new Budget({ steps: Math.min(MOST_STEPS_EACH, Math.max(0, this.#left)), states: MOST_STATES_EACH });
    return this.#last;
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

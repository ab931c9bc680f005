/** Limits the work of explaining a violation: many small searches share one budget. */
import { Budget } from './budget.ts';

/** Steps of searches, plus the operations that these start with: about a second. */
const MOST_WORK = 300_000;
const MOST_STEPS_EACH = 40_000;
const MOST_STATES_EACH = 50_000;

export class ShareOfWork {
  #left = MOST_WORK;
  #last: Budget | undefined;
  #spent = false;

  /** A budget for the next search over this many operations. It is empty if no work is left. */
  next(operations: number): Budget {
    this.#settle();
    this.#left -= operations;
    this.#last = new Budget({ steps: Math.min(MOST_STEPS_EACH, Math.max(0, this.#left)), states: MOST_STATES_EACH });
    return this.#last;
  }

  /** Whether no work is left. */
  get isEmpty(): boolean {
    this.#settle();
    return this.#left <= 0;
  }

  /** Whether a search ended because its budget was too small. */
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

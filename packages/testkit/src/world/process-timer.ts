/** One timer of a simulated process. */
import type { Timer } from '@understudy/rpc';
import type { PlannedEvent } from './event-heap.ts';
import type { ProcessRun } from './process-run.ts';
import { QUANTUM_MS } from './virtual-clock.ts';

/** The clock that a timer runs on. */
export interface Timekeeper {
  readonly run: ProcessRun;
  now(): number;
  /** When the clock will show `local`, if its rate stays the same. */
  virtualTimeOf(local: number): number;
  /** The timer has fired, or will not fire. */
  over(timer: ProcessTimer): void;
}

export class ProcessTimer implements Timer {
  readonly #keeper: Timekeeper;
  readonly #due: number;
  readonly #callback: () => void;
  #planned: PlannedEvent | undefined;
  #over = false;

  /** @param due A time on the keeper's clock. */
  constructor(keeper: Timekeeper, due: number, callback: () => void) {
    this.#keeper = keeper;
    this.#due = due;
    this.#callback = callback;
    if (due !== Number.POSITIVE_INFINITY) this.#planAt(keeper.virtualTimeOf(due));
  }

  cancel(): void {
    if (this.#over) return;
    this.#finish();
    if (this.#planned !== undefined) this.#keeper.run.virtual.cancel(this.#planned);
  }

  #planAt(time: number): void {
    this.#planned = this.#keeper.run.virtual.at(time, () => this.#comeUp());
  }

  #comeUp(): void {
    const keeper = this.#keeper;
    // The rate may have changed meanwhile, and rounding must not make a timer fire early.
    if (keeper.now() < this.#due) {
      this.#planAt(Math.max(keeper.virtualTimeOf(this.#due), keeper.run.virtual.now + QUANTUM_MS));
    } else keeper.run.enter('timer', () => this.#fire());
  }

  #fire(): void {
    if (this.#over) return;
    this.#finish();
    this.#callback();
  }

  #finish(): void {
    this.#over = true;
    this.#keeper.over(this);
  }
}

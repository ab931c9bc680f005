/** The agenda of one step of the search: the configurations still to try, and those already visited. */
import { type Configuration, Visited } from './configuration.ts';

export interface Agenda {
  readonly visited: Visited;
  /** Configurations in which the target takes effect next. Those that needed the fewest operations come first. */
  readonly direct: Queue;
  /** Configurations in which another operation takes effect before the target. */
  readonly detours: Queue;
}

export function newAgenda(): Agenda {
  return { visited: new Visited(), direct: new Queue(), detours: new Queue() };
}

/** A first-in, first-out queue. */
class Queue {
  #items: Configuration[] = [];
  #taken = 0;

  add(configuration: Configuration): void {
    this.#items.push(configuration);
  }

  take(): Configuration | undefined {
    const item = this.#items[this.#taken];
    if (item === undefined) return undefined;
    this.#taken += 1;
    if (this.#taken === this.#items.length) {
      this.#items = [];
      this.#taken = 0;
    }
    return item;
  }
}

/** What is still to be tried at one step of the search, and what was. */
import { type Configuration, Visited } from './configuration.ts';

export interface Agenda {
  readonly visited: Visited;
  /** Configurations in which the target is to take effect next; first those that took the fewest operations to get here. */
  readonly direct: Queue;
  /** Configurations in which another operation is to come before it. */
  readonly detours: Queue;
}

export function newAgenda(): Agenda {
  return { visited: new Visited(), direct: new Queue(), detours: new Queue() };
}

/** First in, first out. */
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

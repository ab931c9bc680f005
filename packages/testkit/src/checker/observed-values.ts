/** The values of a key that somebody may tell apart, and all the others, which are one to the search. */
import type { Scalar } from './history.ts';
import { type Operation, textOf } from './operation.ts';

/**
 * A value that no output and no expectation names, and that appends cannot make into such a one, is told from another such value by
 * nothing. Exact, except where an operation hashes a value that nobody saw: there each value counts.
 */
export class ObservedValues {
  readonly #values = new Set<Scalar>();
  /** In the order of their UTF-16 units; only where operations work on texts. */
  readonly #texts: readonly string[];
  readonly #all: boolean;

  constructor(operations: readonly Operation[]) {
    let texts = false;
    let all = false;
    for (const { action } of operations) {
      if (action.kind === 'get') this.#values.add(action.output);
      if (action.kind === 'cas') this.#values.add(action.expected);
      if (action.kind === 'putHash' && action.output !== undefined) this.#values.add(action.output);
      if (action.kind === 'putHash' && action.output === undefined) all = true;
      if (action.kind === 'append' || action.kind === 'putHash') texts = true;
    }
    this.#all = all;
    this.#texts = texts && !all ? [...new Set([...this.#values].map(textOf))].sort() : [];
  }

  has(value: Scalar): boolean {
    return this.#all || this.#values.has(value) || this.#beginsOne(textOf(value));
  }

  #beginsOne(text: string): boolean {
    let [from, to] = [0, this.#texts.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#texts[middle] ?? '') < text) from = middle + 1;
      else to = middle;
    }
    return this.#texts[from]?.startsWith(text) ?? false;
  }
}

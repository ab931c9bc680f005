/** The values of a key that somebody may tell apart, and all the others, which are one to the search. */
import type { Scalar } from './history.ts';
import { hashed, type Operation, textOf } from './operation.ts';

/**
 * A value that no output and no expectation names, and that neither appends nor hashes make into such a one, is told from another such
 * value by nothing.
 */
export class ObservedValues {
  readonly #values = new Set<Scalar>();
  /** In the order of their UTF-16 units; only where operations work on texts. */
  readonly #texts: readonly string[];
  /** What is hashed by operations whose output is not known: these may follow on a value that nobody saw. */
  readonly #hashes: readonly string[];
  /** How many hashes in a row are looked ahead. */
  readonly #depth: number;
  readonly #all: boolean;

  /** `all`: every value counts as observed. */
  constructor(operations: readonly Operation[], all: boolean) {
    const hashes: string[] = [];
    let texts = false;
    for (const { action } of operations) {
      if (action.kind === 'get') this.#values.add(action.output);
      if (action.kind === 'cas') this.#values.add(action.expected);
      if (action.kind === 'putHash' && action.output !== undefined) this.#values.add(action.output);
      if (action.kind === 'putHash' && action.output === undefined) hashes.push(action.value);
      if (action.kind === 'append' || action.kind === 'putHash') texts = true;
    }
    this.#all = all;
    this.#texts = texts && !all ? [...new Set([...this.#values].map(textOf))].sort() : [];
    this.#hashes = [...new Set(hashes)];
    this.#depth = depthFor(hashes.length, this.#hashes.length);
    this.hashesStayUnobserved = this.#depth >= hashes.length;
  }

  /** Whether any row of hashes of an unobserved value is certain to be unobserved. */
  readonly hashesStayUnobserved: boolean;

  has(value: Scalar): boolean {
    return this.#all || this.#hasWithin(value, this.#depth);
  }

  /**
   * What a key may hold of which nothing is known, as far as it matters: what is observed, and what appends make into that. Besides, it
   * may hold anything else.
   */
  starts(operations: readonly Operation[]): readonly Scalar[] {
    const appended = new Set(
      operations.flatMap(({ action }) => (action.kind === 'append' && action.value !== '' ? [action.value] : [])),
    );
    const starts = new Set<Scalar>(this.#values);
    for (const start of starts) {
      for (const text of appended) {
        if (textOf(start).endsWith(text)) starts.add(textOf(start).slice(0, -text.length)); // a set goes on to what is added to it
      }
    }
    return [...starts];
  }

  /** What the hash of an unknown value may be, as far as it matters. */
  hashes(): readonly string[] {
    const numbers = new Set<string>();
    for (const value of this.#values) {
      const digits = /^\d{0,10}/.exec(textOf(value))?.[0] ?? '';
      for (let length = 1; length <= digits.length; length++) numbers.add(digits.slice(0, length));
    }
    return [...numbers];
  }

  #hasWithin(value: Scalar, hashes: number): boolean {
    const text = textOf(value);
    if (this.#values.has(value) || this.#beginsOne(text)) return true;
    return hashes > 0 && this.#hashes.some((more) => this.#hasWithin(hashed(text, more), hashes - 1));
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

/** Hashes computed ahead for one value. */
const MOST_HASHES = 30;

/** `count` operations hash, `different` values among them. */
function depthFor(count: number, different: number): number {
  let [depth, rows, cost] = [0, 1, 0];
  while (depth < count) {
    rows *= different;
    cost += rows;
    if (cost > MOST_HASHES) break;
    depth += 1;
  }
  return depth;
}

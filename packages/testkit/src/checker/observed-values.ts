/**
 * Separates the values of a key that some operation can tell apart from all others, which are one state to the search.
 */

import { HashPredecessors } from './hash-predecessors.ts';
import type { Scalar } from './history.ts';
import { type Action, hashed, type Operation, textOf } from './operation.ts';

/**
 * No operation can tell two values apart if no output and no expectation names them, and no append or hash turns them
 * into one that is named.
 */
export class ObservedValues {
  readonly #values = new Set<Scalar>();
  /** Observed values as texts, and the texts that appends turn into them. Empty if no operation works on texts. */
  readonly #texts: ReadonlySet<string>;
  /** The values that operations without a known output hash. They may follow on a value that no operation observed. */
  readonly #hashes: readonly string[];
  /** The number of successive hashes to look ahead. */
  readonly #depth: number;
  readonly #all: boolean;
  /** Predecessors of those texts that are hashes. */
  readonly #predecessors: HashPredecessors;
  /** Texts that an append turns into another one that matters, and values that a `cas` may change. */
  readonly #leading = new Set<string>();
  /** Values that some operation found not to be there. */
  readonly #denied = new Set<string>();
  readonly #mayBeDenied = new Map<string, boolean>();
  #mayHash: boolean | undefined;
  /** Whether any row of hashes of an unobserved value is certainly unobserved. */
  readonly hashesStayUnobserved: boolean;

  /**
   * `all`: every value counts as observed. `unseen`: texts that count as observed although no operation observed them.
   */
  constructor(operations: readonly Operation[], all: boolean, unseen: ReadonlySet<string> = new Set()) {
    const hashes: string[] = [];
    const appended: string[] = [];
    let hasTexts = false;
    for (const { action } of operations) {
      if (action.kind === 'get') this.#values.add(action.output);
      if (action.kind === 'cas') this.#values.add(action.expected);
      if (action.kind === 'cas' && action.output === undefined) this.#leading.add(textOf(action.expected));
      if (action.kind === 'cas' && action.output === false) this.#denied.add(textOf(action.expected));
      if (action.kind === 'putHash' && action.output !== undefined) this.#values.add(action.output);
      if (action.kind === 'putHash' && action.output === undefined) hashes.push(action.value);
      if (action.kind === 'append') appended.push(action.value);
      hasTexts ||= action.kind === 'append' || action.kind === 'putHash';
    }
    this.#all = all;
    this.#texts = hasTexts ? beginnings(new Set([...this.#values, ...unseen]), appended, this.#leading) : new Set();
    this.#hashes = [...new Set(hashes)];
    this.#predecessors = new HashPredecessors(this.hashes(), this.#hashes);
    this.#depth = depthFor(hashes.length, this.#hashes.length);
    this.hashesStayUnobserved = this.#depth >= hashes.length;
  }

  has(value: Scalar): boolean {
    return this.#all || this.#hasWithin(value, this.#depth);
  }

  /** The values that matter, for a key about which nothing is known. The key may hold any other value too. */
  starts(): readonly Scalar[] {
    return [...new Set<Scalar>([...this.#values, ...this.#texts])];
  }

  /** The hashes of an unknown value that matter. */
  hashes(): readonly string[] {
    return [...this.#texts].filter((text) => HASH.test(text));
  }

  /** Whether an append turns `text` into another one that matters, or a `cas` may change it. */
  leadsWithoutHash(text: string): boolean {
    return this.#leading.has(text);
  }

  /** Whether an operation may turn `text` into another one that matters. False is certain within the look-ahead. */
  leads(text: string): boolean {
    return this.#leading.has(text) || this.#predecessors.has(text);
  }

  /** Whether a `putHash` may produce a value that some operation found not to be there. */
  get mayHashBeDenied(): boolean {
    this.#mayHash ??= [...this.#denied].some((text) => HASH.test(text));
    return this.#mayHash;
  }

  /** Whether the operation may produce a value that some operation found not to be there. */
  mayBeDenied(action: Action): boolean {
    if (action.kind !== 'putHash' && action.kind !== 'append') return false;
    if (action.kind === 'putHash') return this.mayHashBeDenied;
    const known = this.#mayBeDenied.get(action.value);
    if (known !== undefined) return known;
    const may = [...this.#denied].some((text) => text.endsWith(action.value));
    this.#mayBeDenied.set(action.value, may);
    return may;
  }

  #hasWithin(value: Scalar, hashes: number): boolean {
    const text = textOf(value);
    if (this.#values.has(value) || this.#texts.has(text)) return true;
    if (this.#predecessors.has(text)) return true;
    return hashes > 0 && this.#hashes.some((more) => this.#hasWithin(hashed(text, more), hashes - 1));
  }
}

/** The decimal form of 32 bits. */
export const HASH = /^(?:0|[1-9]\d{0,9})$/;

/** The most hashes computed ahead for one value. */
const MOST_HASHES = 30;

/** The texts of `values`, and all texts that successive appends of `appended` turn into one of them. */
function beginnings(
  values: ReadonlySet<Scalar>,
  appended: readonly string[],
  leading: Set<string>,
): ReadonlySet<string> {
  const texts = new Set([...values].map(textOf));
  const ends = new Set(appended);
  const lengths = [...new Set(appended.map(({ length }) => length))].filter((length) => length > 0);
  for (const text of texts) {
    for (const length of lengths) {
      const rest = text.length - length;
      if (rest < 0 || !ends.has(text.slice(rest))) continue;
      texts.add(text.slice(0, rest)); // The loop reaches texts added here.
      leading.add(text.slice(0, rest));
    }
  }
  return texts;
}

/** `count` operations hash `different` distinct values. */
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

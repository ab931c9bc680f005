/** The values of a key that somebody may tell apart, and all the others, which are one to the search. */

import { HashPredecessors } from './hash-predecessors.ts';
import type { Scalar } from './history.ts';
import { type Action, hashed, type Operation, textOf } from './operation.ts';

/**
 * A value that no output and no expectation names, and that neither appends nor hashes make into such a one, is told from another such
 * value by nothing.
 */
export class ObservedValues {
  readonly #values = new Set<Scalar>();
  /** As texts, with what appends make into them; empty where no operation works on texts. */
  readonly #texts: ReadonlySet<string>;
  /** What is hashed by operations whose output is not known: these may follow on a value that nobody saw. */
  readonly #hashes: readonly string[];
  /** How many hashes in a row are looked ahead. */
  readonly #depth: number;
  readonly #all: boolean;
  /** Of the texts that are hashes. */
  readonly #predecessors: HashPredecessors;
  /** Texts that an append makes into another one that matters, and values that a `cas` may change. */
  readonly #leading = new Set<string>();
  /** Of what an operation says that it was not there. */
  readonly #denied = new Set<string>();
  readonly #mayBeDenied = new Map<string, boolean>();
  #mayHash: boolean | undefined;
  /** Whether any row of hashes of an unobserved value is certain to be unobserved. */
  readonly hashesStayUnobserved: boolean;

  /** `all`: every value counts as observed. `unseen`: texts that do though nobody saw them. */
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

  /** What a key may hold of which nothing is known, as far as it matters; besides, it may hold anything else. */
  starts(): readonly Scalar[] {
    return [...new Set<Scalar>([...this.#values, ...this.#texts])];
  }

  /** What the hash of an unknown value may be, as far as it matters. */
  hashes(): readonly string[] {
    return [...this.#texts].filter((text) => HASH.test(text));
  }

  /** Whether an append makes `text` into another one that matters, or a `cas` may change it. */
  leadsWithoutHash(text: string): boolean {
    return this.#leading.has(text);
  }

  /**
   * Whether an operation may make `text` into another one that matters. False is certain, as far as is looked ahead.
   */
  leads(text: string): boolean {
    return this.#leading.has(text) || this.#predecessors.has(text);
  }

  /** Whether a `putHash` may make a value of which an operation says that it was not there. */
  get mayHashBeDenied(): boolean {
    this.#mayHash ??= [...this.#denied].some((text) => HASH.test(text));
    return this.#mayHash;
  }

  /** Whether the operation may make a value of which an operation says that it was not there. */
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

/** Hashes computed ahead for one value. */
const MOST_HASHES = 30;

/** The texts of `values`, and all that some of `appended`, one after the other, make into one of them. */
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
      texts.add(text.slice(0, rest)); // the loop comes to what is added
      leading.add(text.slice(0, rest));
    }
  }
  return texts;
}

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

/**
 * Finds rows of operations that lead from one value to another by `putHash`, where no operation observed the values in
 * between. A row ends in a `putHash`, whose result determines the sum of its predecessor for each value that it may
 * have hashed. So only the predecessors are enumerated, and the last operation of a row costs one table lookup.
 */
import { type Sum, sumBefore, sumOf, sumOfDecimal } from './fnv-stream.ts';
import { hashed } from './operation.ts';

export interface Link {
  readonly kind: 'putHash' | 'append';
  readonly value: string;
}

export interface Quest {
  /** The result of the row: the decimal form of 32 bits. */
  readonly target: string;
  /** Values that the row may begin with. */
  readonly starts: readonly string[];
  /** Operations that the row may consist of, each at most once; the likeliest first. */
  readonly links: readonly Link[];
}

/** The number of operations before the last one, of likeliest links, and of likeliest starts to try. */
interface Effort {
  readonly depth: number;
  readonly links: number;
  readonly starts: number;
}

const EFFORTS: readonly Effort[] = [
  { depth: 0, links: 0, starts: 100_000 },
  { depth: 1, links: 40, starts: 1_000 },
  { depth: 2, links: 20, starts: 100 },
  { depth: 1, links: 1_000, starts: 1_000 },
  { depth: 3, links: 12, starts: 60 },
  { depth: 2, links: 100, starts: 60 },
  { depth: 4, links: 9, starts: 40 },
  { depth: 5, links: 7, starts: 30 },
];

/** For each row found: its start, the values in between, and the target. */
export function hashChains(quest: Quest): readonly string[] {
  const finder = new Finder(quest);
  for (const effort of EFFORTS) {
    const found = finder.find(effort);
    if (found.length > 0) return found;
  }
  return [];
}

class Finder {
  readonly #quest: Quest;
  readonly #bytes: readonly Uint8Array[];
  /** By the sum of a predecessor: the operations that turn it into the target. */
  readonly #last = new Map<Sum, number[]>();
  /** One bit for the low bits of each key in the table. Most sums are not in the table, and this rejects them fast. */
  readonly #filter = new Uint8Array(FILTER);
  readonly #row: number[] = [];
  readonly #used: Uint8Array;
  #found: string[] = [];

  constructor(quest: Quest) {
    this.#quest = quest;
    this.#bytes = quest.links.map(({ value }) => ENCODER.encode(value));
    this.#used = new Uint8Array(quest.links.length);
    const after = Number(quest.target) | 0;
    for (const [at, { kind }] of quest.links.entries()) {
      if (kind !== 'putHash') continue;
      const before = sumBefore(this.#bytes[at] as Uint8Array, after);
      this.#filter[before & (FILTER - 1)] = 1;
      const known = this.#last.get(before);
      if (known === undefined) this.#last.set(before, [at]);
      else known.push(at);
    }
  }

  find({ depth, links, starts }: Effort): readonly string[] {
    this.#found = [];
    for (const start of this.#quest.starts.slice(0, starts)) {
      this.#extend(start, sumOf(ENCODER.encode(start)), depth, Math.min(links, this.#bytes.length));
    }
    return this.#found;
  }

  #extend(start: string, sum: Sum, depth: number, links: number): void {
    if (depth === 0) return this.#look(start, sum);
    const tried = new Set<string>();
    for (let at = 0; at < links; at++) {
      if (this.#used[at] === 1) continue;
      const { kind, value } = this.#quest.links[at] as Link;
      if (tried.has(kind + value)) continue;
      tried.add(kind + value);
      const next = sumOf(this.#bytes[at] as Uint8Array, sum);
      this.#used[at] = 1;
      this.#row.push(at);
      this.#extend(start, kind === 'putHash' ? sumOfDecimal(next) : next, depth - 1, links);
      this.#row.pop();
      this.#used[at] = 0;
    }
  }

  #look(start: string, sum: Sum): void {
    if (this.#filter[sum & (FILTER - 1)] === 0) return;
    const last = this.#last.get(sum)?.find((at) => this.#used[at] === 0);
    if (last === undefined) return;
    const values = [start];
    let text = start;
    for (const at of [...this.#row, last]) {
      const { kind, value } = this.#quest.links[at] as Link;
      text = kind === 'putHash' ? hashed(text, value) : text + value;
      values.push(text);
    }
    if (text === this.#quest.target) this.#found.push(...values);
  }
}

const FILTER = 1 << 16;
const ENCODER = new TextEncoder();

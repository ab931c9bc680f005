/** The contents of one directory of a disk, in memory: texts by key, read in the order of the keys' UTF-8 bytes. */
import { type Change, compareUtf8, type KeyRange, type StoredEntry } from '@understudy/rpc';

export class StoredTexts {
  readonly #texts: Map<string, string>;
  /** Sorted keys; undefined if a key was added or removed since. */
  #order: readonly string[] | undefined;

  constructor(entries: Iterable<StoredEntry> = []) {
    this.#texts = new Map(entries);
  }

  get(key: string): string | undefined {
    return this.#texts.get(key);
  }

  /** Applies all changes atomically: no reader ever sees a part of them. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'put') this.put(change.key, change.value);
      else this.delete(change.key);
    }
  }

  put(key: string, value: string): void {
    if (!this.#texts.has(key)) this.#order = undefined;
    this.#texts.set(key, value);
  }

  delete(key: string): void {
    if (this.#texts.delete(key)) this.#order = undefined;
  }

  /** A copy of the entries of a range. */
  range({ from, to }: KeyRange): StoredEntry[] {
    const order = this.#sorted();
    return order.slice(firstFrom(order, from), firstFrom(order, to)).map((key) => [key, this.#texts.get(key) ?? '']);
  }

  /** A copy of all entries. */
  all(): StoredEntry[] {
    return this.#sorted().map((key) => [key, this.#texts.get(key) ?? '']);
  }

  #sorted(): readonly string[] {
    this.#order ??= [...this.#texts.keys()].sort(compareUtf8);
    return this.#order;
  }
}

export function isWithin(key: string, { from, to }: KeyRange): boolean {
  return compareUtf8(key, from) >= 0 && compareUtf8(key, to) < 0;
}

/** The index of the first key that is not below this one. */
function firstFrom(order: readonly string[], key: string): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(order[middle] as string, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

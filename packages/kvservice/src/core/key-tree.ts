/**
 * Keys in the order of their UTF-8 bytes: a B+ tree of which a copy costs nothing until one of the two changes (copy on
 * write).
 *
 * It holds keys in a spelling in which the engine's own comparison gives that order: any other comparison takes several
 * times as long.
 */
import { fromSortable, toSortable } from '@understudy/rpc';
import sortedBtree from 'sorted-btree';
import { bulkLoad } from 'sorted-btree/extended/bulkLoad.js';

// The default export of this CommonJS package: Node shows it one level down, loaders that compile sources show it
// itself.
const BTree = sortedBtree.default ?? (sortedBtree as unknown as typeof sortedBtree.default);
/** The most in one node: with half as many, nodes take more memory; with twice as many, so do the arrays in them. */
const NODE_KEYS = 64;

type Tree = InstanceType<typeof BTree<string, undefined>>;

export class KeyTree {
  readonly #tree: Tree;

  constructor(tree: Tree = new BTree<string, undefined>(undefined, compare, NODE_KEYS)) {
    this.#tree = tree;
  }

  /** Of keys in ascending order, none of them twice: a fraction of the work of adding them one by one. */
  static ofSorted(keys: readonly string[]): KeyTree {
    return new KeyTree(bulkLoad(keys.map(toSortable), new NoValues(keys.length), NODE_KEYS, compare));
  }

  has(key: string): boolean {
    return this.#tree.has(toSortable(key));
  }

  /** Adds keys in any order; some of them may be there already. */
  add(keys: readonly string[]): void {
    // Sorted, each finds the nodes that the one before it has just brought into the processor's cache.
    for (const spelling of keys.map(toSortable).sort()) this.#tree.set(spelling, undefined, false);
  }

  delete(key: string): void {
    this.#tree.delete(toSortable(key));
  }

  clone(): KeyTree {
    return new KeyTree(this.#tree.clone());
  }

  /** Pairs of a key and its value, from `start` (inclusive) upwards. The tree must not change meanwhile. */
  ascending<V>(start: string, valueOf: (key: string) => V): IterableIterator<[string, V]> {
    return pairs(this.#tree.entries(toSortable(start)), valueOf);
  }

  /** Pairs below `end` (exclusive; none: from the greatest key) downwards. The tree must not change meanwhile. */
  descending<V>(end: string | undefined, valueOf: (key: string) => V): IterableIterator<[string, V]> {
    const highest = end === undefined ? undefined : toSortable(end);
    return pairs(this.#tree.entriesReversed(highest, undefined, true), valueOf);
  }
}

/**
 * The values of a tree without values. The package gives each node its part of them: none, and then the node keeps no
 * array for them.
 */
class NoValues extends Array<undefined> {
  override slice(): undefined[] {
    return undefined as unknown as undefined[];
  }
}

function* pairs<V>(
  entries: Iterable<readonly [string, undefined]>,
  valueOf: (key: string) => V,
): IterableIterator<[string, V]> {
  for (const [spelling] of entries) {
    const key = fromSortable(spelling);
    yield [key, valueOf(key)];
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1;
}

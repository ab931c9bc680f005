/**
 * Keys in the order of their UTF-8 bytes: a B+ tree with copy on write, so a copy costs nothing until one of the two
 * changes.
 *
 * Keys are stored in an encoding whose order under the engine's own string comparison is that order. Any other
 * comparison takes several times as long.
 */
import { fromSortable, toSortable } from '@understudy/rpc';
import sortedBtree from 'sorted-btree';
import { bulkLoad } from 'sorted-btree/extended/bulkLoad.js';

// The default export of this CommonJS package. Node shows it one level down; loaders that compile sources show it
// directly.
const BTree = sortedBtree.default ?? (sortedBtree as unknown as typeof sortedBtree.default);
/** The most keys per node. With half as many, the nodes take more memory; with twice as many, the arrays in them do. */
const NODE_KEYS = 64;

type Tree = InstanceType<typeof BTree<string, undefined>>;

export class KeyTree {
  readonly #tree: Tree;

  constructor(tree: Tree = new BTree<string, undefined>(undefined, compare, NODE_KEYS)) {
    this.#tree = tree;
  }

  /** Builds a tree from unique keys in ascending order. This takes a fraction of the time of adding them one by one. */
  static ofSorted(keys: readonly string[]): KeyTree {
    return new KeyTree(bulkLoad(keys.map(toSortable), new NoValues(keys.length), NODE_KEYS, compare));
  }

  has(key: string): boolean {
    return this.#tree.has(toSortable(key));
  }

  /** Adds keys in any order; some may already be in the tree. */
  add(keys: readonly string[]): void {
    // In sorted order, each key finds the nodes that the previous one brought into the processor's cache.
    for (const spelling of keys.map(toSortable).sort()) this.#tree.set(spelling, undefined, false);
  }

  delete(key: string): void {
    this.#tree.delete(toSortable(key));
  }

  clone(): KeyTree {
    return new KeyTree(this.#tree.clone());
  }

  /** Pairs of a key and its value, from `start` (inclusive) upwards. The tree must not change during the iteration. */
  ascending<V>(start: string, valueOf: (key: string) => V): IterableIterator<[string, V]> {
    return pairs(this.#tree.entries(toSortable(start)), valueOf);
  }

  /**
   * Pairs below `end` (exclusive; without it, from the greatest key) downwards. The tree must not change during the
   * iteration.
   */
  descending<V>(end: string | undefined, valueOf: (key: string) => V): IterableIterator<[string, V]> {
    const highest = end === undefined ? undefined : toSortable(end);
    return pairs(this.#tree.entriesReversed(highest, undefined, true), valueOf);
  }
}

/**
 * The values of a tree without values. The package slices this array for each node; a slice that is undefined makes the
 * node keep no array.
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

/** A map in the order of its keys' UTF-8 bytes, of which a snapshot costs next to nothing. */
import { compareUtf8 } from '@understudy/rpc';
import sortedBtree from 'sorted-btree';

// The default export of this CommonJS package: Node shows it one level down, loaders that compile sources show it itself.
const BTree = sortedBtree.default ?? (sortedBtree as unknown as typeof sortedBtree.default);
type Tree<V> = InstanceType<typeof BTree<string, V>>;

export class OrderedMap<V> {
  readonly #tree: Tree<V>;

  constructor(tree: Tree<V> = new BTree<string, V>(undefined, compareUtf8)) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#tree.size;
  }

  get(key: string): V | undefined {
    return this.#tree.get(key);
  }

  set(key: string, value: V): void {
    this.#tree.set(key, value);
  }

  delete(key: string): boolean {
    return this.#tree.delete(key);
  }

  /** A map of the same moment; both go on apart and share what neither changes. */
  snapshot(): OrderedMap<V> {
    return new OrderedMap(this.#tree.clone());
  }

  /** Pairs from `start` (inclusive) upwards. The map must not change meanwhile. */
  ascending(start = ''): IterableIterator<[string, V]> {
    return this.#tree.entries(start);
  }

  /** Pairs below `end` (exclusive; none: from the greatest key) downwards. The map must not change meanwhile. */
  descending(end?: string): IterableIterator<[string, V]> {
    return this.#tree.entriesReversed(end, undefined, true);
  }
}

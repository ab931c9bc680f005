/**
 * One moment of an ordered map, to be read while the map goes on changing.
 *
 * It has a copy of the map's tree of keys, and an overlay: the values of that moment which the map has changed or
 * deleted since. A key without a value in the overlay has the value that the map has now. Only keys of the moment come
 * into the overlay, each once, so it never takes more than the data of its moment. But it grows until somebody releases
 * the snapshot: whoever takes one must do so. The map counts the snapshots that are open, and the invariants compare
 * that number with the number of holders.
 */
import { assert } from '@understudy/rpc';
import type { KeyTree } from './key-tree.ts';
import { PartedMap } from './parted-map.ts';

/** What a snapshot needs of its map. */
export interface SnapshotSource<V> {
  /** The value of now. */
  get(key: string): V | undefined;
  /** It need not keep old values for this snapshot any more. */
  forget(snapshot: MapSnapshot<V>): void;
}

export class MapSnapshot<V> {
  readonly size: number;
  readonly #source: SnapshotSource<V>;
  readonly #keys: KeyTree;
  #overlay: PartedMap<V> | undefined = new PartedMap<V>();

  /** `keys`: of this moment; nobody else changes them. */
  constructor(source: SnapshotSource<V>, keys: KeyTree, size: number) {
    this.#source = source;
    this.#keys = keys;
    this.size = size;
  }

  /** How many old values it keeps. */
  get kept(): number {
    return this.#overlay?.size ?? 0;
  }

  isOf(source: SnapshotSource<V>): boolean {
    return this.#source === source;
  }

  /**
   * The map is about to lose this value. False: this is not a value of the moment, or the key has one in the overlay.
   */
  keep(key: string, value: V): boolean {
    const overlay = this.#overlay;
    if (overlay === undefined || overlay.has(key) || !this.#keys.has(key)) return false;
    overlay.set(key, value);
    return true;
  }

  /** Its holder has ended. It cannot be read any more. */
  release(): void {
    this.#overlay = undefined;
    this.#source.forget(this);
  }

  /** Pairs from `start` (inclusive) upwards. */
  ascending(start = ''): IterableIterator<[string, V]> {
    return this.#keys.ascending(start, (key) => this.#valueOf(key));
  }

  /** Pairs below `end` (exclusive; none: from the greatest key) downwards. */
  descending(end?: string): IterableIterator<[string, V]> {
    return this.#keys.descending(end, (key) => this.#valueOf(key));
  }

  #valueOf(key: string): V {
    assert(this.#overlay !== undefined, 'M1: nobody reads from a snapshot that was released');
    const value = this.#overlay.get(key) ?? this.#source.get(key);
    assert(value !== undefined, 'M1: a snapshot has a value for each key of its moment');
    return value;
  }
}

/**
 * A snapshot of an ordered map, which can be read while the map changes.
 *
 * The snapshot has a copy of the map's key tree, and an overlay with the values that the map has changed or deleted
 * since. A key without a value in the overlay still has its present value in the map. Only keys of the snapshot enter
 * the overlay, each once, so it never takes more memory than the snapshot's own data. The overlay grows until the
 * snapshot is released, so every holder must release it. The invariants compare the number of open snapshots with the
 * number of holders.
 */
import { assert } from '@understudy/rpc';
import type { KeyTree } from './key-tree.ts';
import { PartedMap } from './parted-map.ts';

/** The part of the map that a snapshot uses. */
export interface SnapshotSource<V> {
  /** The present value. */
  get(key: string): V | undefined;
  /** Stops keeping old values for this snapshot. */
  forget(snapshot: MapSnapshot<V>): void;
}

export class MapSnapshot<V> {
  readonly size: number;
  readonly #source: SnapshotSource<V>;
  readonly #keys: KeyTree;
  #overlay: PartedMap<V> | undefined = new PartedMap<V>();
  readonly #weigh: ((key: string, value: never) => number) | undefined;
  #keptWeight = 0;

  /**
   * @param keys The keys at this moment. No other code may change this tree.
   * @param weigh About how much memory a pair takes, in bytes.
   */
  constructor(source: SnapshotSource<V>, keys: KeyTree, size: number, weigh?: (key: string, value: never) => number) {
    this.#source = source;
    this.#weigh = weigh;
    this.#keys = keys;
    this.size = size;
  }

  /** The number of old values in the overlay. */
  get kept(): number {
    return this.#overlay?.size ?? 0;
  }

  /** About how much memory the old values take, in bytes. */
  get keptWeight(): number {
    return this.#keptWeight;
  }

  isOf(source: SnapshotSource<V>): boolean {
    return this.#source === source;
  }

  /**
   * Called before the map loses this value. Returns false if the value does not belong to the snapshot, or the overlay
   * has the key already.
   */
  keep(key: string, value: V): boolean {
    const overlay = this.#overlay;
    if (overlay === undefined || overlay.has(key) || !this.#keys.has(key)) return false;
    overlay.set(key, value);
    this.#keptWeight += this.#weigh?.(key, value as never) ?? 0;
    return true;
  }

  /** Releases the snapshot. It cannot be read after that. */
  release(): void {
    this.#overlay = undefined;
    this.#keptWeight = 0;
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

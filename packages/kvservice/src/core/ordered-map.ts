/**
 * A map in the order of its keys' UTF-8 bytes, with cheap snapshots.
 *
 * The values are in a hash map and the keys in a tree. A write to an existing key therefore does not touch the tree,
 * which would take most of the time with many keys. New keys wait before they enter the tree, at most as many as can be
 * sorted in a millisecond; they also enter it before a read in order. Adding all keys at once would take too long:
 * 200,000 take 220 ms.
 */
import { assert } from '@understudy/rpc';
import { KeyTree } from './key-tree.ts';
import { MapSnapshot, type SnapshotSource } from './map-snapshot.ts';
import { PartedMap } from './parted-map.ts';

/** The most new keys that wait to enter the tree. */
const MOST_WAITING = 1_024;

/** Pairs in the order of their keys. */
export interface OrderedPairs<V> {
  readonly size: number;
  /** Pairs from `start` (inclusive) upwards. */
  ascending(start?: string): IterableIterator<[string, V]>;
  /** Pairs below `end` (exclusive; none: from the greatest key) downwards. */
  descending(end?: string): IterableIterator<[string, V]>;
}

export class OrderedMap<V> implements OrderedPairs<V>, SnapshotSource<V> {
  /** No value is undefined. */
  readonly #values = new PartedMap<V>();
  readonly #keys: KeyTree;
  /** Keys that may not be in the tree yet. */
  #waiting: string[] = [];
  /** Some of the waiting keys may have been deleted. */
  #hasDeleted = false;
  /** The open snapshots, the oldest first. */
  readonly #snapshots: MapSnapshot<V>[] = [];

  constructor(keys = new KeyTree()) {
    this.#keys = keys;
  }

  /**
   * Builds a map from unique keys in ascending order and their values. This takes a fraction of the time of setting
   * them one by one.
   */
  static ofSorted<V>(keys: readonly string[], values: readonly V[]): OrderedMap<V> {
    const map = new OrderedMap<V>(KeyTree.ofSorted(keys));
    for (let at = 0; at < keys.length; at++) map.#values.set(keys[at] as string, values[at] as V);
    return map;
  }

  get size(): number {
    return this.#values.size;
  }

  /** The number of snapshots that are not released yet. */
  get snapshots(): number {
    return this.#snapshots.length;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  /** Sets the value and returns the one before. */
  set(key: string, value: V): V | undefined {
    const before = this.#values.set(key, value);
    if (before === undefined) this.#await(key);
    else if (this.#snapshots.length > 0) this.#keep(key, before);
    return before;
  }

  delete(key: string): boolean {
    const before = this.#values.take(key);
    if (before === undefined) return false;
    if (this.#snapshots.length > 0) this.#keep(key, before);
    this.#keys.delete(key);
    this.#hasDeleted = true;
    return true;
  }

  /** Takes a snapshot. The caller must release it. `weigh`: about how much memory a pair takes, in bytes. */
  snapshot(weigh?: (key: string, value: never) => number): MapSnapshot<V> {
    this.#order();
    const snapshot = new MapSnapshot<V>(this, this.#keys.clone(), this.size, weigh);
    this.#snapshots.push(snapshot);
    return snapshot;
  }

  /** Called by a snapshot when it is released. */
  forget(snapshot: MapSnapshot<V>): void {
    const place = this.#snapshots.indexOf(snapshot);
    assert(place >= 0, 'M1: a snapshot is released once');
    this.#snapshots.splice(place, 1);
  }

  /** As `OrderedPairs`. The map must not change during the iteration. */
  ascending(start = ''): IterableIterator<[string, V]> {
    this.#order();
    return this.#keys.ascending(start, (key) => this.#values.get(key) as V);
  }

  /** As `OrderedPairs`. The map must not change during the iteration. */
  descending(end?: string): IterableIterator<[string, V]> {
    this.#order();
    return this.#keys.descending(end, (key) => this.#values.get(key) as V);
  }

  #await(key: string): void {
    if (this.#waiting.push(key) === MOST_WAITING) this.#order();
  }

  #order(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#keys.add(this.#hasDeleted ? waiting.filter((key) => this.#values.has(key)) : waiting);
    this.#hasDeleted = false;
  }

  /**
   * Offers the old value to the snapshots, the newest first. If one does not keep it, no older one needs it. Either its
   * overlay has the key, which then entered the overlays of the older ones at the same time. Or the key was absent at
   * that moment, and its earlier value was kept when it was deleted.
   */
  #keep(key: string, value: V): void {
    for (let place = this.#snapshots.length - 1; place >= 0; place--) {
      if (this.#snapshots[place]?.keep(key, value) !== true) return;
    }
  }
}

/**
 * Snapshots of the data that clients read page by page while the data changes.
 *
 * Their number and idle time are bounded, because each keeps the values that are overwritten after it was taken.
 */
import type { OpenSnapshotResult } from '../contract.ts';
import type { Cell } from './cell.ts';
import { cellBytes } from './cell-bytes.ts';
import type { MapSnapshot } from './map-snapshot.ts';
import type { OrderedMap } from './ordered-map.ts';

interface Held {
  readonly moment: MapSnapshot<Cell>;
  /** Time of the last use, in milliseconds of the monotonic clock. */
  readonly usedMs: number;
  /** True once a page of it was read. */
  readonly isRead: boolean;
}

/** A snapshot that was not read for this long is dropped, because it keeps overwritten values in memory. */
const UNUSED_MS = 30_000;
/**
 * The most snapshots. Beyond that, the oldest one that was never read is dropped, or else the one that was not read for
 * the longest time.
 */
const MOST = 16;

function weigh(key: string, { value }: Cell): number {
  return cellBytes(key, value);
}

export class Snapshots {
  /** The snapshots by id; the most recently read is last. */
  readonly #held = new Map<string, Held>();
  #opened = 0;

  /** @param run The incarnation, which makes ids unique across servers and runs. */
  open(run: string, cells: OrderedMap<Cell>, commitIndex: number, nowMs: number): OpenSnapshotResult {
    this.#opened += 1;
    const snapshot = `${run}:${this.#opened}`;
    if (this.#held.size >= MOST) this.#forgetOne();
    this.#held.set(snapshot, { moment: cells.snapshot(weigh), usedMs: nowMs, isRead: false });
    return { snapshot, revision: commitIndex, keys: cells.size };
  }

  /** Undefined if the snapshot belongs to another server or run, or was not used for too long. */
  get(snapshot: string, nowMs: number): MapSnapshot<Cell> | undefined {
    const held = this.#held.get(snapshot);
    if (held === undefined) return undefined;
    this.#held.delete(snapshot);
    this.#held.set(snapshot, { ...held, usedMs: nowMs, isRead: true });
    return held.moment;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /** The approximate bytes of all values that the snapshots keep. A value that two of them keep counts twice. */
  get keptBytes(): number {
    let bytes = 0;
    for (const { moment } of this.#held.values()) bytes += moment.keptWeight;
    return bytes;
  }

  /**
   * Drops snapshots, the least recently read one first, until together they keep no more than this, or one is left.
   * Each keeps at most as much as its own data, but snapshots of different moments keep different values.
   */
  keepWithin(mostBytes: number): void {
    for (const [snapshot] of this.#held) {
      if (this.#held.size <= 1 || this.keptBytes <= mostBytes) return;
      this.#forget(snapshot);
    }
  }

  /** Drops all but the most recently read one when memory is short, because each keeps overwritten values (M1). */
  keepLast(): void {
    for (const [snapshot] of this.#held) {
      if (this.#held.size <= 1) return;
      this.#forget(snapshot);
    }
  }

  forgetUnused(nowMs: number): void {
    for (const [snapshot, { usedMs }] of this.#held) {
      if (nowMs - usedMs <= UNUSED_MS) return;
      this.#forget(snapshot);
    }
  }

  /** The number of snapshots of these cells. The others are of data that a transfer has replaced. */
  countOf(cells: OrderedMap<Cell>): number {
    let count = 0;
    for (const { moment } of this.#held.values()) if (moment.isOf(cells)) count += 1;
    return count;
  }

  /** Drops one snapshot. A client that only opens snapshots must not cause the loss of those that others read. */
  #forgetOne(): void {
    const all = [...this.#held];
    const [leaving] = all.find(([, { isRead }]) => !isRead) ?? all[0] ?? [];
    if (leaving !== undefined) this.#forget(leaving);
  }

  #forget(snapshot: string): void {
    this.#held.get(snapshot)?.moment.release();
    this.#held.delete(snapshot);
  }
}

/** Moments of the data that somebody reads page by page while it goes on changing. */
import type { OpenSnapshotResult } from '../contract.ts';
import type { Cell } from './cell.ts';
import type { MapSnapshot } from './map-snapshot.ts';
import type { OrderedMap } from './ordered-map.ts';

interface Held {
  readonly moment: MapSnapshot<Cell>;
  /** Milliseconds of the monotonic clock. */
  readonly usedMs: number;
  /** A page of it was read. */
  readonly isRead: boolean;
}

/** A moment that nobody has read from for so long is forgotten: what it shares with nobody takes memory. */
const UNUSED_MS = 30_000;
/** Beyond so many, the oldest one that was never read from is forgotten, or else the one that was not read from for the longest time. */
const MOST = 16;

export class Snapshots {
  /** By id, the one read from last at the end. */
  readonly #held = new Map<string, Held>();
  #opened = 0;

  /** `run`: the incarnation, so that no two servers and no two runs give the same id. */
  open(run: string, cells: OrderedMap<Cell>, commitIndex: number, nowMs: number): OpenSnapshotResult {
    this.#opened += 1;
    const snapshot = `${run}:${this.#opened}`;
    if (this.#held.size >= MOST) this.#forgetOne();
    this.#held.set(snapshot, { moment: cells.snapshot(), usedMs: nowMs, isRead: false });
    return { snapshot, revision: commitIndex, keys: cells.size };
  }

  /** Undefined: of another server or another run, or not used for too long. */
  get(snapshot: string, nowMs: number): MapSnapshot<Cell> | undefined {
    const held = this.#held.get(snapshot);
    if (held === undefined) return undefined;
    this.#held.delete(snapshot);
    this.#held.set(snapshot, { ...held, usedMs: nowMs, isRead: true });
    return held.moment;
  }

  /** Each keeps what was overwritten since: where memory is scarce, only the one read from last stays (M1). */
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

  /** How many of these cells are held. The others are of data that a transfer has replaced. */
  countOf(cells: OrderedMap<Cell>): number {
    let count = 0;
    for (const { moment } of this.#held.values()) if (moment.isOf(cells)) count += 1;
    return count;
  }

  /** Whoever only opens moments must not take those away that others read. */
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

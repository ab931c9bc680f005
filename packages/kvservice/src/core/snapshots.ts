/** Moments of the data that somebody reads page by page while it goes on changing. */
import type { OpenSnapshotResult } from '../contract.ts';
import type { StateMachine } from './state-machine.ts';

interface Held {
  readonly moment: StateMachine;
  /** Milliseconds of the monotonic clock. */
  readonly usedMs: number;
}

/** A moment that nobody has read from for so long is forgotten: what it shares with nobody takes memory. */
const UNUSED_MS = 30_000;
/** Beyond so many, the one that was not read from for the longest time is forgotten. */
const MOST = 16;

export class Snapshots {
  /** By id, the one read from last at the end. */
  readonly #held = new Map<string, Held>();
  #opened = 0;

  /** `run`: the incarnation, so that no two servers and no two runs give the same id. */
  open(run: string, machine: StateMachine, commitIndex: number, nowMs: number): OpenSnapshotResult {
    this.#opened += 1;
    const snapshot = `${run}:${this.#opened}`;
    for (const [oldest] of this.#held) {
      if (this.#held.size < MOST) break;
      this.#held.delete(oldest);
    }
    this.#held.set(snapshot, { moment: machine.snapshotOfCells(), usedMs: nowMs });
    return { snapshot, revision: commitIndex, keys: machine.cells.size };
  }

  /** Undefined: of another server or another run, or not used for too long. */
  get(snapshot: string, nowMs: number): StateMachine | undefined {
    const held = this.#held.get(snapshot);
    if (held === undefined) return undefined;
    this.#held.delete(snapshot);
    this.#held.set(snapshot, { ...held, usedMs: nowMs });
    return held.moment;
  }

  /** Each keeps what was overwritten since: where memory is scarce, only the one read from last stays (M1). */
  keepLast(): void {
    for (const [snapshot] of this.#held) {
      if (this.#held.size <= 1) return;
      this.#held.delete(snapshot);
    }
  }

  forgetUnused(nowMs: number): void {
    for (const [snapshot, { usedMs }] of this.#held) {
      if (nowMs - usedMs <= UNUSED_MS) return;
      this.#held.delete(snapshot);
    }
  }
}

/**
 * Measures how much processor time the event loop's thread spends on one turn, apart from garbage collection. Linux
 * counts it for each thread (`/proc/thread-self/schedstat`), so neither a busy machine nor V8's helper threads add to
 * it. Where there is no such file, the shorter of the time by the clock and the processor time of the whole process
 * takes its place.
 */
import { openSync, readSync } from 'node:fs';
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { slowness } from './yardstick.ts';

/** One turn of the event loop: from one `setImmediate` to the next. */
export interface Turn {
  /** Processor time of the thread without garbage collection, in milliseconds. */
  readonly workMs: number;
  /** Processor time of the thread in garbage collection. */
  readonly collectionMs: number;
  /** By the clock, all together. */
  readonly clockMs: number;
}

interface RawTurn {
  readonly beganMs: number;
  readonly endedMs: number;
  readonly usedMs: number;
}

/** Of a collection. */
interface Span {
  readonly startTime: number;
  readonly duration: number;
}

/** Shorter turns are not kept. */
const LEAST_MS = 5;

export class TurnMeter {
  readonly #thread = new ThreadTime();
  readonly #observer: PerformanceObserver;
  #turns: RawTurn[] = [];
  #collections: { readonly beganMs: number; readonly endedMs: number }[] = [];
  #beganMs = performance.now();
  #usedMs = this.#thread.usedMs();

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
    this.#observer.observe({ entryTypes: ['gc'] });
    setImmediate(this.#endTurn);
  }

  /** The turn that cost most since the last time. */
  take(): Turn {
    this.#note(this.#observer.takeRecords());
    const turns = this.#turns.map((turn) => this.#withoutCollections(turn));
    this.#turns = [];
    this.#collections = [];
    const none: Turn = { workMs: 0, collectionMs: 0, clockMs: 0 };
    return turns.reduce((worst, turn) => (turn.workMs > worst.workMs ? turn : worst), none);
  }

  /** How slow the processor is at this moment (yardstick.ts). The turn in which it is asked is not kept. */
  slowness(): number {
    const slow = slowness(() => this.#thread.usedMs());
    this.#beganMs = performance.now();
    this.#usedMs = this.#thread.usedMs();
    return slow;
  }

  readonly #endTurn = (): void => {
    const endedMs = performance.now();
    const used = this.#thread.usedMs();
    const usedMs = Math.min(used - this.#usedMs, endedMs - this.#beganMs);
    if (usedMs >= LEAST_MS) this.#turns.push({ beganMs: this.#beganMs, endedMs, usedMs });
    this.#beganMs = endedMs;
    this.#usedMs = used;
    setImmediate(this.#endTurn);
  };

  #note(entries: readonly Span[]): void {
    for (const { startTime, duration } of entries)
      this.#collections.push({ beganMs: startTime, endedMs: startTime + duration });
  }

  /** A collection is known by the clock. The processor has served it as it has served the whole turn. */
  #withoutCollections({ beganMs, endedMs, usedMs }: RawTurn): Turn {
    const clockMs = endedMs - beganMs;
    const collected = this.#collections.map((one) => Math.min(one.endedMs, endedMs) - Math.max(one.beganMs, beganMs));
    const sumMs = collected.reduce((sum, ms) => sum + Math.max(0, ms), 0);
    const collectionMs = Math.min(1, usedMs / clockMs) * sumMs;
    return { workMs: Math.max(0, usedMs - collectionMs), collectionMs, clockMs };
  }
}

/** Of the thread that makes it. */
class ThreadTime {
  readonly #file: number | undefined;
  readonly #bytes = Buffer.alloc(64);

  constructor() {
    try {
      this.#file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    } catch {
      this.#file = undefined; // no Linux, or a kernel without it
    }
  }

  usedMs(): number {
    if (this.#file === undefined) {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    }
    readSync(this.#file, this.#bytes, 0, this.#bytes.length, 0);
    return Number(this.#bytes.toString('latin1', 0, this.#bytes.indexOf(' '))) / 1e6;
  }
}

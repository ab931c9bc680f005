/**
 * One run of a simulated process, from its start to its crash. It decides what may happen in the process now, and what
 * must wait.
 */
import type { PlannedEvent } from './event-heap.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What caused an event in a process. */
export type Source = 'timer' | 'message';

interface Job {
  readonly source: Source;
  readonly run: () => void;
}

export class ProcessRun {
  readonly name: string;
  readonly virtual: VirtualClock;
  readonly #random: SeededRandom;
  #alive = true;
  /** Those that hold the process. It continues when all have released it. */
  readonly #holders = new Set<object>();
  /** The backlog is not empty, or the process is busy, so new jobs must queue. */
  #behind = false;
  #backlog: Job[] = [];
  #heldTurnEnds: (() => void)[] = [];
  #turnCostMs = 0;
  /** How often the clock was read in the present turn; undefined outside a turn. */
  #readings: number | undefined;
  /** When the process looks at its backlog again. */
  #next: PlannedEvent | undefined;

  constructor(name: string, virtual: VirtualClock, random: SeededRandom) {
    this.name = name;
    this.virtual = virtual;
    this.#random = random;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get held(): boolean {
    return this.#holders.size > 0;
  }

  /** Runs `run` in this process: now, when its turn comes, or never. */
  enter(source: Source, run: () => void): void {
    if (!this.#alive) return;
    if (this.held || this.#behind) this.#backlog.push({ source, run });
    else this.#work(run);
  }

  /** Sends something out of this process. Nothing leaves a process that is held or dead. */
  leave(send: () => void): void {
    if (!this.#alive) return;
    if (this.held) this.#backlog.push({ source: 'message', run: send });
    else send();
  }

  endOfTurn(callback: () => void): void {
    this.virtual.endOfTurn(() => {
      if (!this.#alive) return;
      if (this.held) this.#heldTurnEnds.push(callback);
      else callback();
    });
  }

  /** Nothing happens in the process from now on; events wait. */
  hold(holder: object): void {
    this.#holders.add(holder);
  }

  /**
   * The process continues with its backlog, one turn per job. Whether timers or messages come first depends on where
   * its event loop was stopped, so it is drawn.
   */
  release(holder: object): void {
    if (!this.#holders.delete(holder) || this.held || !this.#alive) return;
    const first: Source = this.#random.chance(0.5) ? 'timer' : 'message';
    this.#backlog = [
      ...this.#heldTurnEnds.map((run): Job => ({ source: 'timer', run })),
      ...this.#backlog.filter((job) => job.source === first),
      ...this.#backlog.filter((job) => job.source !== first),
    ];
    this.#heldTurnEnds = [];
    this.#catchUpIn(0);
  }

  /** From now on, every event in this process keeps it busy for this long. */
  setTurnCost(ms: number): void {
    this.#turnCostMs = ms;
  }

  /**
   * How much of the turn's cost has passed by now, in milliseconds: nothing at the first reading of the clock, then
   * half of the rest with each further reading. So a value, and a clock that is read after it, are not of the same
   * moment (L3).
   */
  lapse(): number {
    if (this.#readings === undefined || this.#turnCostMs === 0) return 0;
    this.#readings += 1;
    return this.#turnCostMs * (1 - 0.5 ** (this.#readings - 1));
  }

  die(): void {
    this.#alive = false;
    this.#backlog = [];
    this.#heldTurnEnds = [];
  }

  #work(run: () => void): void {
    this.#take(run);
    if (this.#turnCostMs > 0) this.#catchUpIn(this.#turnCostMs);
  }

  #take(run: () => void): void {
    this.#readings = 0;
    run();
    // If the turn costs time, its promises run before the process catches up.
    if (this.#turnCostMs === 0) this.#readings = undefined;
  }

  #catchUpIn(ms: number): void {
    this.#behind = true;
    if (this.#next !== undefined) this.virtual.cancel(this.#next);
    this.#next = this.virtual.at(this.virtual.now + ms, () => this.#catchUp());
  }

  #catchUp(): void {
    this.#readings = undefined;
    if (!this.#alive || this.held) return;
    const job = this.#backlog.shift();
    if (job === undefined) {
      this.#behind = false;
      return;
    }
    this.#take(job.run);
    this.#catchUpIn(this.#turnCostMs);
  }
}

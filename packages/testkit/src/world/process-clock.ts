/** The Clock of one run of a simulated process. */
import { assert, type Clock, type Timer } from '@understudy/rpc';
import type { MachineClock } from './machine-clock.ts';
import type { ProcessRun } from './process-run.ts';
import { ProcessTimer, type Timekeeper } from './process-timer.ts';

export class ProcessClock implements Clock, Timekeeper {
  readonly run: ProcessRun;
  readonly #machine: MachineClock;
  /**
   * The reading of this run's monotonic clock at the machine's zero. It differs per run, so readings of two runs are
   * not comparable.
   */
  readonly #zero: number;
  readonly #timers = new Set<ProcessTimer>();
  #last = 0;

  constructor(run: ProcessRun, machine: MachineClock, zero: number) {
    this.run = run;
    this.#machine = machine;
    this.#zero = zero;
  }

  /** Timers that have neither fired nor been cancelled. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Never decreases, even if a turn ends earlier than planned. */
  now(): number {
    this.#last = Math.max(this.#last, this.#zero + this.#machine.elapsed(this.run.lapse()));
    return this.#last;
  }

  wallNow(): number {
    return this.#machine.wallNow();
  }

  after(delayMs: number, callback: () => void): Timer {
    assert(!Number.isNaN(delayMs), 'a delay is a number');
    const due = this.now() + Math.max(0, delayMs);
    const timer = new ProcessTimer(this, this.run.alive ? due : Number.POSITIVE_INFINITY, callback);
    if (this.run.alive) this.#timers.add(timer);
    return timer;
  }

  endOfTurn(callback: () => void): void {
    this.run.endOfTurn(callback);
  }

  /** The process died: none of its timers fires any more. */
  stop(): void {
    for (const timer of [...this.#timers]) timer.cancel();
  }

  virtualTimeOf(local: number): number {
    return this.#machine.virtualTimeOf(local - this.#zero);
  }

  over(timer: ProcessTimer): void {
    this.#timers.delete(timer);
  }
}

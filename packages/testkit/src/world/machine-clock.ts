/** The hardware clock of one simulated machine: it may run fast or slow, and its wall time may be set. */
import type { VirtualClock } from './virtual-clock.ts';

/** 2026-01-01T00:00:00Z: the wall time at the start of every world. */
const EPOCH_MS = 1_767_225_600_000;

export class MachineClock {
  readonly #virtual: VirtualClock;
  #rate = 1;
  #wallOffsetMs = 0;
  /** The rate has held since then; a time to come while the machine sleeps: its monotonic clock stands until then. */
  #anchor = { virtual: 0, elapsed: 0 };

  constructor(virtual: VirtualClock) {
    this.#virtual = virtual;
  }

  /** Milliseconds that this machine counted since the start of the world; `lapseMs`: those that it will have counted so much later. */
  elapsed(lapseMs = 0): number {
    return this.#anchor.elapsed + Math.max(0, this.#virtual.now + lapseMs - this.#anchor.virtual) * this.#rate;
  }

  wallNow(): number {
    return Math.floor(EPOCH_MS + this.elapsed() + this.#wallOffsetMs);
  }

  /** The virtual time at which this machine will have counted `elapsed`, if its rate stays. */
  virtualTimeOf(elapsed: number): number {
    return this.#runsFrom + (elapsed - this.elapsed()) / this.#rate;
  }

  /** 1.01: gains 10 ms in every second. */
  setRate(rate: number): void {
    if (!(rate > 0)) throw new RangeError(`a clock's rate is above 0, not ${rate}`);
    this.#anchor = { virtual: this.#runsFrom, elapsed: this.elapsed() };
    this.#rate = rate;
  }

  /** The monotonic clock stands for so long, as it does while a machine sleeps; the wall clock goes on. */
  sleep(ms: number): void {
    this.#anchor = { virtual: this.#runsFrom + ms, elapsed: this.elapsed() };
    this.#wallOffsetMs += ms * this.#rate;
  }

  /** The machine sleeps no longer. */
  wake(): void {
    const leftMs = this.#runsFrom - this.#virtual.now;
    this.#wallOffsetMs -= leftMs * this.#rate;
    this.#anchor = { virtual: this.#virtual.now, elapsed: this.elapsed() };
  }

  /** The virtual time from which on the monotonic clock runs: now, unless the machine sleeps. */
  get #runsFrom(): number {
    return Math.max(this.#virtual.now, this.#anchor.virtual);
  }

  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }
}

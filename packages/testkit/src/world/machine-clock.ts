/** The hardware clock of one simulated machine. It may run fast or slow, and its wall time may be set. */
import type { VirtualClock } from './virtual-clock.ts';

/** 2026-01-01T00:00:00Z: the wall time at the start of every world. */
const EPOCH_MS = 1_767_225_600_000;

export class MachineClock {
  readonly #virtual: VirtualClock;
  #rate = 1;
  #wallOffsetMs = 0;
  /**
   * The point since which the rate holds. While the machine sleeps, the point lies in the future, and the monotonic
   * clock stands still until then.
   */
  #anchor = { virtual: 0, elapsed: 0 };

  constructor(virtual: VirtualClock) {
    this.#virtual = virtual;
  }

  /**
   * Milliseconds that this machine has counted since the start of the world. With `lapseMs`: that it will have counted
   * so much later.
   */
  elapsed(lapseMs = 0): number {
    return this.#anchor.elapsed + Math.max(0, this.#virtual.now + lapseMs - this.#anchor.virtual) * this.#rate;
  }

  wallNow(): number {
    return Math.floor(EPOCH_MS + this.elapsed() + this.#wallOffsetMs);
  }

  /** The virtual time at which this machine will have counted `elapsed`, if its rate stays the same. */
  virtualTimeOf(elapsed: number): number {
    return this.#runsFrom + (elapsed - this.elapsed()) / this.#rate;
  }

  /** A rate of 1.01 gains 10 ms per second. */
  setRate(rate: number): void {
    if (!(rate > 0)) throw new RangeError(`a clock's rate is above 0, not ${rate}`);
    this.#anchor = { virtual: this.#runsFrom, elapsed: this.elapsed() };
    this.#rate = rate;
  }

  /** The monotonic clock stands still for `ms` milliseconds, as on a machine that sleeps. The wall clock continues. */
  sleep(ms: number): void {
    this.#anchor = { virtual: this.#runsFrom + ms, elapsed: this.elapsed() };
    this.#wallOffsetMs += ms * this.#rate;
  }

  /** The machine stops sleeping. */
  wake(): void {
    const leftMs = this.#runsFrom - this.#virtual.now;
    this.#wallOffsetMs -= leftMs * this.#rate;
    this.#anchor = { virtual: this.#virtual.now, elapsed: this.elapsed() };
  }

  /** The virtual time from which the monotonic clock runs: now, unless the machine sleeps. */
  get #runsFrom(): number {
    return Math.max(this.#virtual.now, this.#anchor.virtual);
  }

  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }
}

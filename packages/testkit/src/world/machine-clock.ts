/** The hardware clock of one simulated machine: it may run fast or slow, and its wall time may be set. */
import type { VirtualClock } from './virtual-clock.ts';

/** 2026-01-01T00:00:00Z: the wall time at the start of every world. */
const EPOCH_MS = 1_767_225_600_000;

export class MachineClock {
  readonly #virtual: VirtualClock;
  #rate = 1;
  #wallOffsetMs = 0;
  /** The rate has held since then. */
  #anchor = { virtual: 0, elapsed: 0 };

  constructor(virtual: VirtualClock) {
    this.#virtual = virtual;
  }

  /** Milliseconds that this machine counted since the start of the world. */
  elapsed(): number {
    return this.#anchor.elapsed + (this.#virtual.now - this.#anchor.virtual) * this.#rate;
  }

  wallNow(): number {
    return Math.floor(EPOCH_MS + this.elapsed() + this.#wallOffsetMs);
  }

  /** The virtual time at which this machine will have counted `elapsed`, if its rate stays. */
  virtualTimeOf(elapsed: number): number {
    return this.#virtual.now + (elapsed - this.elapsed()) / this.#rate;
  }

  /** 1.01: gains 10 ms in every second. */
  setRate(rate: number): void {
    if (!(rate > 0)) throw new RangeError(`a clock's rate is above 0, not ${rate}`);
    this.#anchor = { virtual: this.#virtual.now, elapsed: this.elapsed() };
    this.#rate = rate;
  }

  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }
}

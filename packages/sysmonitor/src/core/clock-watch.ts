/** The clock watch: notices when silence was the monitor's own, and not the servers' (V10). */

export class ClockWatch {
  /** A live server cannot have missed so many pings as to count as silent when the gap was shorter. */
  readonly #tooLongMs: number;
  #eventAt: number;
  #heardAt: number;

  constructor(pingInterval: number, deadPings: number, now: number) {
    this.#tooLongMs = Math.max(2, deadPings - 1) * pingInterval;
    this.#eventAt = now;
    this.#heardAt = now;
  }

  /** To be told of every ping and tick: milliseconds for which the monitor itself stood still; 0 when it did not. */
  pausedForMs(now: number): number {
    const gapMs = now - this.#eventAt;
    this.#eventAt = now;
    if (gapMs < this.#tooLongMs) return 0;
    this.#heardAt = now;
    return gapMs;
  }

  /** To be told of every ping that is taken: milliseconds for which no server at all was heard; 0 when some were. */
  deafForMs(now: number): number {
    const gapMs = now - this.#heardAt;
    this.#heardAt = now;
    return gapMs < this.#tooLongMs ? 0 : gapMs;
  }
}

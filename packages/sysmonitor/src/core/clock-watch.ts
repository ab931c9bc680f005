/**
 * Detects silence that the monitor caused itself (V10). If the monitor did not run, or heard no server at all, the
 * silence says nothing about the servers. Without this check, a paused monitor would declare every server dead when it
 * continues.
 */

export class ClockWatch {
  /** A gap shorter than this cannot make a live server look silent. */
  readonly #tooLongMs: number;
  #eventAt: number;
  #heardAt: number;

  constructor(pingInterval: number, deadPings: number, now: number) {
    this.#tooLongMs = Math.max(2, deadPings - 1) * pingInterval;
    this.#eventAt = now;
    this.#heardAt = now;
  }

  /** Call this at every ping and tick. Returns for how many milliseconds the monitor did not run; 0 if it ran. */
  pausedForMs(now: number): number {
    const gapMs = now - this.#eventAt;
    this.#eventAt = now;
    if (gapMs < this.#tooLongMs) return 0;
    this.#heardAt = now;
    return gapMs;
  }

  /** Call this at every accepted ping. Returns for how many milliseconds no server was heard; 0 if one was. */
  deafForMs(now: number): number {
    const gapMs = now - this.#heardAt;
    this.#heardAt = now;
    return gapMs < this.#tooLongMs ? 0 : gapMs;
  }
}

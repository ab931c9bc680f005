/** Absences: how long a backup that its primary could not reach stays out of the view (V13). */

/** The first wait, in times of silence after which a server is dead; every further one is twice as long. */
const FIRST_WAIT = 2;
const LONGEST_WAIT_MS = 600_000;
/** A backup that was no trouble for this many of its last waits starts anew. */
const FORGIVEN_AFTER = 10;

interface Absence {
  readonly untilMs: number;
  /** From which the next one grows. */
  readonly waitMs: number;
}

export class Absences {
  readonly #deadAfterMs: number;
  readonly #absences = new Map<string, Absence>();

  constructor(deadAfterMs: number) {
    this.#deadAfterMs = deadAfterMs;
  }

  /**
   * The wait, in milliseconds, of a server that its primary cannot reach. Of one that is falling silent here too, it is just long
   * enough to see whether it does, and does not grow.
   */
  waitMs(server: string, now: number, fallingSilent: boolean): number {
    if (fallingSilent) return this.#deadAfterMs;
    const last = this.#unforgiven(server, now);
    return last === 0 ? FIRST_WAIT * this.#deadAfterMs : Math.min(2 * last, LONGEST_WAIT_MS);
  }

  begin(server: string, now: number, waitMs: number): void {
    const growing = waitMs > this.#deadAfterMs ? waitMs : this.#unforgiven(server, now);
    this.#absences.set(server, { untilMs: now + waitMs, waitMs: growing });
  }

  isOver(server: string, now: number): boolean {
    const absence = this.#absences.get(server);
    return absence === undefined || now >= absence.untilMs;
  }

  forget(server: string): void {
    this.#absences.delete(server);
  }

  /** The last wait, in milliseconds; 0 when it is long past, or there was none. */
  #unforgiven(server: string, now: number): number {
    const last = this.#absences.get(server);
    return last === undefined || now - last.untilMs >= FORGIVEN_AFTER * last.waitMs ? 0 : last.waitMs;
  }
}

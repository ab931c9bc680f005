/**
 * Absences (V13): how long a backup that its primary cannot reach stays out of the view. The wait doubles each time, up
 * to ten minutes. Otherwise a broken link between two live servers would change the view again and again. A backup that
 * stays in the view without trouble for long enough starts again with the shortest wait.
 */

/** The first wait, as a multiple of the silence that makes a server dead. Each further wait is twice the one before. */
const FIRST_WAIT = 2;
const LONGEST_WAIT_MS = 600_000;
/** After this multiple of its last wait without trouble, a backup starts again with the first wait. */
const FORGIVEN_AFTER = 10;

interface Absence {
  readonly untilMs: number;
  /** The next wait grows from this one. */
  readonly waitMs: number;
}

export class Absences {
  readonly #deadAfterMs: number;
  readonly #absences = new Map<string, Absence>();

  constructor(deadAfterMs: number) {
    this.#deadAfterMs = deadAfterMs;
  }

  /**
   * The wait, in milliseconds, of a server that its primary cannot reach. If the monitor hears less of the server too,
   * the wait is just long enough to see whether the server falls silent, and it does not grow.
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

  /** The last wait, in milliseconds; 0 if there was none or it ended long ago. */
  #unforgiven(server: string, now: number): number {
    const last = this.#absences.get(server);
    return last === undefined || now - last.untilMs >= FORGIVEN_AFTER * last.waitMs ? 0 : last.waitMs;
  }
}

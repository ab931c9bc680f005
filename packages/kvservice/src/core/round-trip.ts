/**
 * Measures the round trips to one server and says how long to wait for the next answer, so that a slow answer does not
 * count as lost.
 *
 * The wait follows recent round trips, and doubles with each missing answer, as TCP's does (RFC 6298).
 */

/** The minimum is forgotten after one or two such spans, because the network path may change. */
const SPAN_MS = 5_000;
/** The number of answers needed before the minimum says anything about the network path. */
const ENOUGH = 8;

export class RoundTrip {
  /** A moving average in milliseconds; undefined before the first answer. */
  #smoothedMs: number | undefined;
  #samples = 0;
  /** The number of consecutive answers that did not come in time. */
  #losses = 0;
  #fastestMs = Infinity;
  #fastestBeforeMs = Infinity;
  #spanEndsMs = -Infinity;

  answered(sentMs: number, nowMs: number): void {
    const tookMs = nowMs - sentMs;
    if (nowMs >= this.#spanEndsMs) {
      this.#spanEndsMs = nowMs + SPAN_MS;
      this.#fastestBeforeMs = this.#fastestMs;
      this.#fastestMs = tookMs;
    }
    this.#fastestMs = Math.min(this.#fastestMs, tookMs);
    this.#smoothedMs = this.#smoothedMs === undefined ? tookMs : this.#smoothedMs + (tookMs - this.#smoothedMs) / 8;
    this.#samples += 1;
    this.#losses = 0;
  }

  unanswered(): void {
    this.#losses += 1;
  }

  /** True if the last expected answer did not come in time. */
  get isDoubtful(): boolean {
    return this.#losses > 0;
  }

  /** The fastest answer of the last seconds, in milliseconds; Infinity before the first one. */
  get baseMs(): number {
    return Math.min(this.#fastestMs, this.#fastestBeforeMs);
  }

  /** The same value, once enough answers have come; undefined before that. */
  get knownMs(): number | undefined {
    return this.#samples < ENOUGH ? undefined : this.baseMs;
  }

  /**
   * How long to wait for an answer: from `leastMs` to `mostMs`, or longer if answers have taken longer before; `mostMs`
   * before the first one.
   */
  patienceMs(leastMs: number, mostMs: number): number {
    if (this.#smoothedMs === undefined) return mostMs;
    const wantedMs = Math.max(leastMs, 2 * this.#smoothedMs) * 2 ** Math.min(this.#losses, 10);
    return Math.min(wantedMs, Math.max(mostMs, 3 * this.baseMs));
  }
}

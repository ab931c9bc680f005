/**
 * How long the answers of one server take, and how long to wait for the next one, so that a slow answer is not taken for a lost one.
 * The wait follows the answers of late, and doubles with each one that does not come (as TCP's does: RFC 6298).
 */

/** A minimum is forgotten after one such span, or two: the way between two servers may change. */
const SPAN_MS = 5_000;
/** So many answers have to agree before they say anything about the way itself. */
const ENOUGH = 8;

export class RoundTrip {
  /** A moving average, in milliseconds; undefined: nothing was answered yet. */
  #smoothedMs: number | undefined;
  #samples = 0;
  /** Answers in a row that did not come in time. */
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

  /** The last answer that was waited for did not come in time. */
  get isDoubtful(): boolean {
    return this.#losses > 0;
  }

  /** The fastest answer of the last seconds, in milliseconds; Infinity before the first one. */
  get baseMs(): number {
    return Math.min(this.#fastestMs, this.#fastestBeforeMs);
  }

  /** The same, once enough answers have come to be sure of it. */
  get knownMs(): number | undefined {
    return this.#samples < ENOUGH ? undefined : this.baseMs;
  }

  /** How long to wait for an answer: from `leastMs` to `mostMs`, unless answers have taken longer before; `mostMs` before the first one. */
  patienceMs(leastMs: number, mostMs: number): number {
    if (this.#smoothedMs === undefined) return mostMs;
    const wantedMs = Math.max(leastMs, 2 * this.#smoothedMs) * 2 ** Math.min(this.#losses, 10);
    return Math.min(wantedMs, Math.max(mostMs, 3 * this.baseMs));
  }
}

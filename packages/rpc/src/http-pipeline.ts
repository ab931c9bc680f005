/** The requests of one HTTP connection: handled one after the other, as their answers go back in this order anyway, and within the share
 * of a turn that the connection has. Without this a client could send many requests in one piece, and all would be handled in one turn.
 */
import type { Clock } from './clock.ts';
import type { TurnShare } from './turn-share.ts';

export class HttpPipeline {
  readonly #clock: Clock;
  readonly #turnShare: TurnShare;
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;
  /** On the clock: until when requests may begin in this turn; undefined: none has begun in it. */
  #untilMs: number | undefined;

  constructor(clock: Clock, turnShare: TurnShare) {
    this.#clock = clock;
    this.#turnShare = turnShare;
  }

  /** Requests without an answer. */
  get length(): number {
    return this.#waiting.length + (this.#isBusy ? 1 : 0);
  }

  /** `begin` is called when it is this request's turn; `done` is to be called once it is answered. */
  add(begin: () => void): void {
    this.#waiting.push(begin);
    this.#next();
  }

  done(): void {
    this.#isBusy = false;
    this.#next();
  }

  #next(): void {
    if (this.#isBusy || this.#waiting.length === 0) return;
    this.#isBusy = true;
    this.#takeShare();
    if (this.#clock.now() < (this.#untilMs ?? Infinity)) return this.#begin();
    this.#turnShare.nextTurn(() => {
      this.#untilMs = undefined;
      this.#takeShare();
      this.#begin();
    });
  }

  #begin(): void {
    this.#waiting.shift()?.();
  }

  #takeShare(): void {
    if (this.#untilMs !== undefined) return;
    this.#untilMs = this.#turnShare.take();
    this.#clock.endOfTurn(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#untilMs = undefined;
  };
}

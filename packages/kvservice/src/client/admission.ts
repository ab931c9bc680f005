/** Admission: what a client does not send yet waits here in order; what would wait behind too many is refused at once. */
import { UnderstudyError } from '@understudy/rpc';
import { CongestionWindow } from './congestion-window.ts';
import { type Patience, WaitingLine, type WaitingParts } from './waiting-line.ts';

export interface AdmissionParts extends WaitingParts {
  /** Operations that may be at the servers at once. */
  readonly maxInFlight: number;
  /** Operations that may wait; undefined: see `isFull`. */
  readonly maxWaiting: number | undefined;
}

/** Milliseconds: by then the line has moved a good deal, or stands. */
const RETRY_AFTER_MS = 50;
/** A line that is gone sooner was a burst, or a servers' pause; one that stands longer only makes all wait (CoDel: Nichols and Jacobson, Controlling Queue Delay, 2012). */
const BURST_MS = 100;

export class Admission {
  readonly #parts: AdmissionParts;
  readonly #window: CongestionWindow;
  readonly #line: WaitingLine<void>;
  /** Refused by a server, and due again: before all who have not been there yet. */
  readonly #again: WaitingLine<void>;
  #inFlight = 0;
  /** On the clock: since when somebody waits without a break, if somebody does. */
  #standsSinceMs = 0;
  /** Undefined: not looked at yet in this turn. */
  #isFull: boolean | undefined = undefined;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    this.#line = new WaitingLine(parts);
    this.#again = new WaitingLine(parts);
    this.#window = new CongestionWindow(parts.maxInFlight);
  }

  /**
   * Too many are under way for new ones to join those that wait: twice what may be at the servers at best. Where the line stands, twice what may be
   * there now, so that the wait is about as long as the work, but never less than half of what might be there at best. Decided once a turn: what
   * one turn starts, however much it is, is a burst and no overload, for nothing could leave before it ends.
   */
  get isFull(): boolean {
    if (this.#line.length === 0) return false;
    if (this.#isFull === undefined) {
      this.#isFull = this.#looksFull();
      this.#parts.clock.endOfTurn(this.#forget);
    }
    return this.#isFull;
  }

  /** Definite, and as cheap as a failure can be: whoever offers too much gets many of them. */
  refusal(): UnderstudyError {
    const message = `${this.#line.length} operations wait in this client already: more is started than the servers do`;
    return UnderstudyError.answered('OVERLOADED', message, { data: { retryAfterMs: RETRY_AFTER_MS } });
  }

  /** What leaves now belongs to this flight. */
  get flight(): number {
    return this.#window.flight;
  }

  /** Lets the operation go on at once where there is room and nobody waits; then `leave` must follow. */
  enter(): boolean {
    if (this.#line.length > 0 || !this.#hasRoom) return false;
    this.#inFlight += 1;
    return true;
  }

  /** Resolves when it is the operation's turn; then `leave` must follow. Rejects when its caller gives up before. */
  wait(patience: Patience): Promise<void> {
    if (this.#line.length === 0) this.#standsSinceMs = this.#parts.clock.now();
    return this.#line.wait(patience);
  }

  /** The same, for one that had its turn before, and left. */
  async returnWhenPossible(patience: Patience): Promise<void> {
    if (this.#hasRoom) this.#inFlight += 1;
    else await this.#again.wait(patience);
  }

  /** An operation was answered: more may be at the servers, if so many are. */
  answered(): void {
    if (2 * this.#inFlight > this.#window.size) this.#window.answered();
  }

  /** Something of this flight was refused, or had no answer in time. */
  congested(flight: number): void {
    this.#window.congested(flight);
  }

  /** An operation is over, or not to be sent for a while. */
  leave(): void {
    this.#inFlight -= 1;
    while (this.#hasRoom && this.#again.length + this.#line.length > 0) {
      this.#inFlight += 1;
      (this.#again.length > 0 ? this.#again : this.#line).serve();
    }
  }

  close(): void {
    this.#again.dismiss('CLOSED');
    this.#line.dismiss('CLOSED');
  }

  #looksFull(): boolean {
    const { maxInFlight, maxWaiting } = this.#parts;
    if (maxWaiting !== undefined) return this.#line.length >= maxWaiting;
    const underWay = this.#inFlight + this.#again.length + this.#line.length;
    const stands = this.#parts.clock.now() - this.#standsSinceMs > BURST_MS;
    return underWay >= (stands ? Math.max(maxInFlight / 2, 2 * this.#window.size) : 2 * maxInFlight);
  }

  get #hasRoom(): boolean {
    return this.#inFlight < this.#window.size;
  }

  readonly #forget = (): void => {
    this.#isFull = undefined;
  };
}

/** An operation that was started while the client lets others end. */
export function refusedWhileClosing(operation: string): UnderstudyError {
  const message = `${operation}: the client is closing; it is certainly not done`;
  return new UnderstudyError('CLOSED', message, { definite: true });
}

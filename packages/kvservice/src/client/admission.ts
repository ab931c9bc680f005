/**
 * Admission control: operations above the limit wait here in order, and an operation that would wait behind too many is
 * refused at once.
 */
import { UnderstudyError } from '@understudy/rpc';
import { CongestionWindow } from './congestion-window.ts';
import { type Patience, WaitingLine, type WaitingParts } from './waiting-line.ts';

export interface AdmissionParts extends WaitingParts {
  /** The most operations at the servers at once. */
  readonly maxInFlight: number;
  /** The most operations that may wait; undefined: see `isFull`. */
  readonly maxWaiting: number | undefined;
}

/** After this many milliseconds the queue has moved considerably, or does not move at all. */
const RETRY_AFTER_MS = 50;
/**
 * A queue that empties sooner was a burst, or a pause of the servers. One that lasts longer only makes all operations
 * wait (CoDel: Nichols and Jacobson, Controlling Queue Delay, 2012).
 */
const BURST_MS = 100;

export class Admission {
  readonly #parts: AdmissionParts;
  readonly #window: CongestionWindow;
  readonly #line: WaitingLine<void>;
  /** Operations that a server refused and that are due again. They go before all that were not sent yet. */
  readonly #again: WaitingLine<void>;
  #inFlight = 0;
  /** The time since which operations have waited without a break, if any wait. */
  #standsSinceMs = 0;
  /** Undefined if not decided yet in this turn. */
  #isFull: boolean | undefined = undefined;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    this.#line = new WaitingLine(parts);
    this.#again = new WaitingLine(parts);
    this.#window = new CongestionWindow(parts.maxInFlight);
  }

  /**
   * Whether new operations are refused. The bound is twice the most that may be at the servers. If the queue persists,
   * it is twice what may be at the servers now, so that an operation waits about as long as it is worked on, but never
   * less than half of the most. The decision holds for one turn: what one turn starts, however much, is a burst and not
   * overload, because nothing can leave before the turn ends.
   */
  get isFull(): boolean {
    if (this.#line.length === 0) return false;
    if (this.#isFull === undefined) {
      this.#isFull = this.#looksFull();
      this.#parts.clock.endOfTurn(this.#forget);
    }
    return this.#isFull;
  }

  /**
   * The error for a refused operation. It is definite and cheap, because a caller that offers too much gets many of
   * them.
   */
  refusal(): UnderstudyError {
    const message = `${this.#line.length} operations wait in this client already: more is started than the servers do`;
    return UnderstudyError.answered('OVERLOADED', message, { data: { retryAfterMs: RETRY_AFTER_MS } });
  }

  /** Operations that are sent now belong to this flight. */
  get flight(): number {
    return this.#window.flight;
  }

  /** Admits the operation at once if there is room and none waits. `leave` must then follow. */
  enter(): boolean {
    if (this.#line.length > 0 || !this.#hasRoom) return false;
    this.#inFlight += 1;
    return true;
  }

  /** Resolves when it is the operation's turn; `leave` must then follow. Rejects if its caller gives up before. */
  wait(patience: Patience): Promise<void> {
    if (this.#line.length === 0) this.#standsSinceMs = this.#parts.clock.now();
    return this.#line.wait(patience);
  }

  /** As `wait`, for an operation that was admitted before and left. */
  async returnWhenPossible(patience: Patience): Promise<void> {
    if (this.#hasRoom) this.#inFlight += 1;
    else await this.#again.wait(patience);
  }

  /** An operation was answered. If the window is at least half used, it may grow. */
  answered(): void {
    if (2 * this.#inFlight > this.#window.size) this.#window.answered();
  }

  /** An operation of this flight was refused, or had no answer in time. */
  congested(flight: number): void {
    this.#window.congested(flight);
  }

  /** An operation has ended, or will not be sent for a while. */
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

/** The error for an operation that is started while the client waits for others to end. */
export function refusedWhileClosing(operation: string): UnderstudyError {
  const message = `${operation}: the client is closing; it is certainly not done`;
  return new UnderstudyError('CLOSED', message, { definite: true });
}

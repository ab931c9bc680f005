/** The deadlines of many calls on one timer. Adding and removing a deadline takes constant time. */
import type { Clock, Timer } from './clock.ts';

/** Deadlines within one such span expire together, at its end. */
const SPAN_MS = 4;

/** Anything with a deadline. It is in a ring with the others of its span. */
export class Deadline {
  /** The neighbours in the ring; the object itself if it is in none. */
  previous: Deadline = this;
  next: Deadline = this;

  /** Called when the deadline expires. The object is in no ring any more. */
  expire(): void {}

  remove(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }
}

export class Deadlines {
  readonly #clock: Clock;
  /** The head of each ring, by the number of its span. */
  readonly #spans = new Map<number, Deadline>();
  #timer: { readonly span: number; readonly timer: Timer } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Adds a deadline that expires after `delayMs` milliseconds or slightly later, unless it is removed; Infinity means
   * never.
   */
  add(deadline: Deadline, delayMs: number): void {
    if (delayMs === Number.POSITIVE_INFINITY) return;
    const span = Math.ceil((this.#clock.now() + delayMs) / SPAN_MS);
    let head = this.#spans.get(span);
    if (head === undefined) {
      head = new Deadline();
      this.#spans.set(span, head);
      this.#arm(span);
    }
    deadline.previous = head.previous;
    deadline.next = head;
    head.previous.next = deadline;
    head.previous = deadline;
  }

  close(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#spans.clear();
  }

  #arm(span: number): void {
    if (this.#timer !== undefined && this.#timer.span <= span) return;
    this.#timer?.timer.cancel();
    // After a pause of the process, answers may have arrived. They are read before deadlines expire.
    const fire = (): void => this.#clock.endOfTurn(() => this.#expire(span));
    this.#timer = { span, timer: this.#clock.after(span * SPAN_MS - this.#clock.now(), fire) };
  }

  #expire(due: number): void {
    if (this.#timer?.span !== due) return;
    this.#timer = undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const [span, head] of this.#spans) {
      while (span <= due && head.next !== head) expire(head.next);
      if (head.next === head) this.#spans.delete(span);
      else if (span < earliest) earliest = span;
    }
    if (earliest !== Number.POSITIVE_INFINITY) this.#arm(earliest);
  }
}

function expire(deadline: Deadline): void {
  deadline.remove();
  deadline.expire();
}

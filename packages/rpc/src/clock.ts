/**
 * The clock of a process. All code takes time from here, never from the globals (D1), so the simulator can control it.
 */

export interface Clock {
  /** Milliseconds, with fractions, on a clock that never goes backwards. Its zero has no meaning. */
  now(): number;
  /** Milliseconds since 1970 on the wall clock, which may jump. */
  wallNow(): number;
  /** Calls `callback` once, after `delayMs` milliseconds or slightly later. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` once everything that arrived in the present turn of the event loop has been handled. */
  endOfTurn(callback: () => void): void;
}

export interface Timer {
  /** Cancels the timer. Has no effect after the callback was called. */
  cancel(): void;
}

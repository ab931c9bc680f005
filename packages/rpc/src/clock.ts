/** Time as a process sees it: taken from here, never from the globals (D1). */

export interface Clock {
  /** Milliseconds, with fractions, on a clock that never goes backwards; its zero means nothing. */
  now(): number;
  /** Milliseconds since 1970 on the wall clock, which may jump. */
  wallNow(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now or a little later. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` once everything that the present turn of the event loop brought has been handled. */
  endOfTurn(callback: () => void): void;
}

export interface Timer {
  /** The callback will not be called; does nothing when it was. */
  cancel(): void;
}

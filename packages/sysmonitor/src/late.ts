/**
 * A late answer: a monitor's answer that arrives after the request has timed out. It goes to the caller's `onLate`, or
 * to a request that still waits, or is dropped.
 */
import { type Clock, type Timer, UnderstudyError } from '@understudy/rpc';

export class Late<T> {
  /** Undefined if the caller wants no late answer. */
  #tell: ((answer: T) => void) | undefined;
  readonly isWanted: boolean;

  constructor(tell: ((answer: T) => void) | undefined) {
    this.#tell = tell;
    this.isWanted = tell !== undefined;
  }

  /** An answer that cannot be read counts as no answer. */
  give(read: () => T): void {
    if (this.#tell === undefined) return;
    let answer: T;
    try {
      answer = read();
    } catch (error) {
      if (error instanceof UnderstudyError) return;
      throw error;
    }
    this.#tell(answer);
  }

  /** Rejects with `otherwise` if no answer arrives in time. */
  wait(clock: Clock, ms: number, otherwise: UnderstudyError): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer: Timer = clock.after(ms, () => reject(otherwise));
      this.#tell = (answer) => {
        timer.cancel();
        resolve(answer);
      };
    });
  }
}

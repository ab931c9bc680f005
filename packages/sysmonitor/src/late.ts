/** The answer of a monitor that comes after its caller was told that there is none in time: told, waited for, or of no use. */
import { type Clock, type Timer, UnderstudyError } from '@understudy/rpc';

export class Late<T> {
  /** Undefined: the caller wants none. */
  #tell: ((answer: T) => void) | undefined;
  readonly isWanted: boolean;

  constructor(tell: ((answer: T) => void) | undefined) {
    this.#tell = tell;
    this.isWanted = tell !== undefined;
  }

  /** One that makes no sense counts as none. */
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

  /** Rejects with `otherwise` when none has come in time. */
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

/** The reply of one request: takes the first answer, and ignores what comes later. */
import { UnderstudyError, type WireError } from './failure.ts';
import type { Reply } from './transport.ts';

/** The callback that jayson gives to a method. */
export type Answer = (error: WireError | null, result?: object) => void;

/** Told of every defect that an answer hides from the caller. */
export type OnDefect = (defect: unknown) => void;

export class ReplyOnce implements Reply {
  #answer: Answer | undefined;
  readonly #onDefect: OnDefect;

  constructor(answer: Answer, onDefect: OnDefect) {
    this.#answer = answer;
    this.#onDefect = onDefect;
  }

  result(value: object): void {
    this.#take()?.(null, value);
  }

  failure(error: UnderstudyError): void {
    this.#take()?.(error.toWire());
  }

  /** The method threw: its own failure is the answer, a defect is not shown to the caller. */
  thrown(error: unknown): void {
    if (error instanceof UnderstudyError) return this.failure(error);
    this.#onDefect(error);
    this.failure(internalError());
  }

  #take(): Answer | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }
}

/** What the caller is told of a defect: neither text, nor stack, nor path. */
export function internalError(): UnderstudyError {
  return new UnderstudyError('INTERNAL_ERROR', 'internal error');
}

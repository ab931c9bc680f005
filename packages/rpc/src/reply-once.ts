/** The reply of one request: takes the first answer, already as JSON text, and ignores what comes later. */
import { UnderstudyError } from './failure.ts';
import type { Reply } from './transport.ts';

/** What jayson passes through as a result or an error without looking into it, so that nothing is turned into text twice. */
export class JsonText {
  readonly text: string;
  /** jayson takes an error for valid by these two. */
  readonly code: number;
  readonly message = '';

  constructor(text: string, code = 0) {
    this.text = text;
    this.code = code;
  }
}

/** The callback that jayson gives to a method. */
export type Answer = (error: JsonText | null, result?: JsonText) => void;

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
    const answer = this.#take();
    if (answer === undefined) return;
    let text: string;
    try {
      text = JSON.stringify(value) ?? 'null';
    } catch (defect) {
      this.#onDefect(defect);
      return fail(answer, internalError());
    }
    answer(null, new JsonText(text));
  }

  failure(error: UnderstudyError): void {
    const answer = this.#take();
    if (answer !== undefined) fail(answer, error);
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

function fail(answer: Answer, error: UnderstudyError): void {
  answer(new JsonText(errorText(error), error.code));
}

/** The JSON-RPC error object as text. */
export function errorText(error: UnderstudyError): string {
  return JSON.stringify(error.toWire());
}

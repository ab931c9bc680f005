/** The reply of one request. It takes the first answer and ignores later ones. */
import { type FailureName, UnderstudyError, type WireError } from './failure.ts';
import type { CallObserver, Params, Reply } from './transport.ts';
import type { TurnTime } from './turn-time.ts';

/** The callback that jayson passes to a method. */
export type Answer = (error: WireError | null, result?: object) => void;

/** Called with every defect that an answer hides from the caller. */
export type OnDefect = (defect: unknown) => void;

/** The observer of the answers of one method. */
export interface Watch {
  readonly method: string;
  readonly observer: CallObserver;
  readonly time: TurnTime;
}

/** This object is the only memory of a request, with or without an observer. */
export class ReplyOnce implements Reply {
  readonly from: string;
  #answer: Answer | undefined;
  readonly #onDefect: OnDefect;
  readonly #watch: Watch | undefined;
  readonly #params: Params;
  readonly #arrivedUs: number;

  constructor(answer: Answer, from: string, onDefect: OnDefect, params: Params, watch?: Watch) {
    this.from = from;
    this.#answer = answer;
    this.#onDefect = onDefect;
    this.#params = params;
    this.#watch = watch;
    this.#arrivedUs = watch === undefined ? 0 : watch.time.arrivedUs;
  }

  result(value: object): void {
    const answer = this.#take();
    if (answer === undefined) return;
    answer(null, value);
    if (this.#watch !== undefined) this.#tell(this.#watch, undefined);
  }

  failure(error: UnderstudyError): void {
    const answer = this.#take();
    if (answer === undefined) return;
    answer(error.toWire());
    if (this.#watch !== undefined) this.#tell(this.#watch, error.name);
  }

  /** The method threw. An UnderstudyError is the answer; a defect is not shown to the caller. */
  thrown(error: unknown): void {
    if (error instanceof UnderstudyError) return this.failure(error);
    this.#onDefect(error);
    this.failure(internalError());
  }

  #tell({ method, observer, time }: Watch, failure: FailureName | undefined): void {
    observer.answered(method, this.#params, time.since(this.#arrivedUs), failure);
  }

  #take(): Answer | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }
}

/** The answer for a defect. It contains no text, stack or path of the defect. */
export function internalError(): UnderstudyError {
  return new UnderstudyError('INTERNAL_ERROR', 'internal error');
}

/** The answer to one request in a simulated process. */
import { type FailureName, type Reply, UnderstudyError } from '@understudy/rpc';

export class Answer implements Reply {
  /** The machine of the caller: each process has one of its own. */
  readonly from: string;
  readonly #send: (text: string, failure?: FailureName) => void;
  readonly #defect: (error: unknown) => void;
  #given = false;

  /**
   * @param from The name of the calling process.
   * @param send Takes the text of the answer, and the name of the failure if it is one.
   * @param defect Called with an error that is no answer, such as a result that is not JSON.
   */
  constructor(from: string, send: (text: string, failure?: FailureName) => void, defect: (error: unknown) => void) {
    this.from = from;
    this.#send = send;
    this.#defect = defect;
  }

  result(value: object): void {
    if (this.#given) return;
    let text: string;
    try {
      text = JSON.stringify({ result: value });
    } catch (error) {
      this.thrown(error);
      return;
    }
    this.#give(text);
  }

  failure(error: UnderstudyError): void {
    if (!this.#given) this.#give(JSON.stringify({ error: error.toWire() }), error.name);
  }

  /** Answers for a method that threw: with its own failure, or else with INTERNAL_ERROR. */
  thrown(error: unknown): void {
    if (error instanceof UnderstudyError) this.failure(error);
    else {
      this.#defect(error);
      this.failure(new UnderstudyError('INTERNAL_ERROR', 'internal error'));
    }
  }

  #give(text: string, failure?: FailureName): void {
    this.#given = true;
    this.#send(text, failure);
  }
}

/** The way back to one request in a simulated process. */
import { type FailureName, type Reply, UnderstudyError } from '@understudy/rpc';

export class Answer implements Reply {
  /** The machine that asks: each process has one of its own. */
  readonly from: string;
  readonly #send: (text: string, failure?: FailureName) => void;
  readonly #defect: (error: unknown) => void;
  #given = false;

  /**
   * @param from Name of the process that asks.
   * @param send Takes the text of the answer, and the name of the failure if it is one.
   * @param defect Told of a result that is not JSON.
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

  /** Answers for a method that threw: its own failure, or else INTERNAL_ERROR. */
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

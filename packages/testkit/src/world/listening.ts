/** An address at which a simulated process listens. It answers each request once. */
import {
  type Address,
  type CallObserver,
  type Method,
  type Pages,
  type Params,
  UnderstudyError,
} from '@understudy/rpc';
import { Answer } from './answer.ts';
import type { Call } from './call.ts';
import type { PageReading } from './page-reading.ts';
import type { ProcessRun } from './process-run.ts';

export interface ListeningParts {
  readonly address: Address;
  readonly run: ProcessRun;
  readonly methods: Readonly<Record<string, Method>>;
  readonly pages: Pages;
  readonly observer?: CallObserver | undefined;
  /** Milliseconds on the clock of the run. */
  readonly now: () => number;
  /** Passes the text of an answer to the network. */
  readonly answer: (call: Call, text: string) => void;
  /** Called for every error that is a defect instead of an answer. */
  readonly defect: (error: unknown, call: Call) => void;
}

export class Listening {
  readonly address: Address;
  readonly run: ProcessRun;
  readonly pages: Pages;
  /** Unsettled calls that were sent here. A broken connection ends them. */
  readonly calls = new Set<Call>();
  /** Readers of a streamed page. Their reading ends with the listener. */
  readonly readings = new Set<PageReading>();
  readonly forget = (call: Call): void => {
    this.calls.delete(call);
  };
  readonly #parts: ListeningParts;
  #open = true;

  constructor(parts: ListeningParts) {
    this.#parts = parts;
    this.address = parts.address;
    this.run = parts.run;
    this.pages = parts.pages;
  }

  get open(): boolean {
    return this.#open && this.run.alive;
  }

  /** Takes one request. Called within a turn of the process. */
  receive(call: Call): void {
    const { methods, answer, defect, observer, now } = this.#parts;
    const arrivedAt = now();
    const method = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
    let params: Params = {};
    const reply = new Answer(
      call.caller.name,
      (text, failure) => {
        if (this.open) answer(call, text);
        if (method !== undefined) observer?.answered(call.method, params, now() - arrivedAt, failure);
      },
      (error) => defect(error, call),
    );
    if (method === undefined) {
      reply.failure(new UnderstudyError('METHOD_NOT_FOUND', `there is no method ${call.method}`));
      return;
    }
    try {
      params = JSON.parse(call.text);
      if (Array.isArray(params)) throw new UnderstudyError('INVALID_PARAMS', 'params must be an object');
      method(params, reply);
    } catch (error) {
      reply.thrown(error);
    }
  }

  close(): void {
    this.#open = false;
    for (const reading of [...this.readings]) reading.leave();
  }
}

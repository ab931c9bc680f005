/** Makes requests, as lines of text; refuses here what every peer would refuse. */
import jayson from 'jayson';
import { UnderstudyError } from './failure.ts';
import { refuseRequest, tooDeep } from './json-text.ts';
import type { Limits } from './limits.ts';
import { isValueDeeper } from './nesting.ts';

export interface Request {
  /** Never used twice by one maker. */
  readonly id: number;
  /** One line, with its newline. */
  readonly text: string;
}

export class RequestMaker {
  readonly #limits: Limits;
  #lastId = 0;
  /** Makes and numbers requests; it cannot send them: it knows neither deadlines, nor aborts, nor what became of a request. */
  readonly #client = new jayson.Client({ generator: () => ++this.#lastId });

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  make(method: string, params: object): Request {
    const { maxDepth, maxElements, maxRequestBytes } = this.#limits;
    const text = `${textOf(this.#client.request(method, params))}\n`;
    if (isValueDeeper(params, maxDepth - 1)) throw tooDeep(maxDepth);
    if (text.length * 3 > maxRequestBytes && Buffer.byteLength(text) > maxRequestBytes) throw tooLarge(maxRequestBytes);
    // Text that is shorter cannot have so many.
    if (text.length > maxElements) refuseRequest(text, this.#limits);
    return { id: this.#lastId, text };
  }
}

function textOf(request: jayson.JSONRPCRequest): string {
  try {
    return JSON.stringify(request);
  } catch (cause) {
    throw new UnderstudyError('INVALID_PARAMS', 'params that JSON cannot hold', { cause });
  }
}

function tooLarge(maxBytes: number): UnderstudyError {
  return new UnderstudyError('TOO_LARGE', `a request of more than ${maxBytes} bytes`, { data: { maxBytes } });
}

/** Creates requests as lines of text. Refuses requests that every peer would refuse. */
import jayson from 'jayson';
import { UnderstudyError } from './failure.ts';
import { refuseRequest, tooDeep } from './json-text.ts';
import type { Limits } from './limits.ts';
import { isValueDeeper } from './nesting.ts';

export interface Request {
  /** Unique within one maker. */
  readonly id: number;
  /** One line, including its newline. */
  readonly text: string;
}

export class RequestMaker {
  readonly #limits: Limits;
  #lastId = 0;
  /**
   * Creates and numbers requests. jayson's client does not send them, because it knows neither deadlines nor aborts nor
   * the fate of a request.
   */
  readonly #client = new jayson.Client({ generator: () => ++this.#lastId });

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  make(method: string, params: object): Request {
    const { maxDepth, maxElements, maxRequestBytes } = this.#limits;
    const text = `${textOf(this.#client.request(method, params))}\n`;
    if (isValueDeeper(params, maxDepth - 1)) throw tooDeep(maxDepth);
    if (text.length * 3 > maxRequestBytes && Buffer.byteLength(text) > maxRequestBytes) throw tooLarge(maxRequestBytes);
    // A shorter text cannot have that many elements.
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

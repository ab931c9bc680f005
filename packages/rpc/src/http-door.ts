/** JSON-RPC over HTTP/1.1, and pages: what is done with one request. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { type Dispatcher, failureAnswer } from './dispatcher.ts';
import { type FailureName, UnderstudyError } from './failure.ts';
import { BODY_TOO_LARGE, hasBody, isAnnouncedOver, readBody } from './http-body.ts';
import { HttpRules, pathOf, type Refusal } from './http-rules.ts';
import { parseJson } from './json-text.ts';
import type { Limits } from './limits.ts';
import { internalError, type OnDefect } from './reply-once.ts';
import type { Page } from './transport.ts';

/** Requests of one connection that may wait for their answers at once: HTTP answers in order, so nobody needs many. */
const MAX_PIPELINED = 64;

export interface HttpDoorOptions {
  readonly host: string;
  readonly pages: Readonly<Record<string, Page>>;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly onDefect: OnDefect;
}

export class HttpDoor {
  readonly #rules: HttpRules;
  readonly #options: HttpDoorOptions;
  /** Unanswered requests by connection. */
  readonly #waiting = new WeakMap<Socket, number>();

  constructor(options: HttpDoorOptions) {
    this.#options = options;
    this.#rules = new HttpRules({ host: options.host, isPage: (path) => Object.hasOwn(options.pages, path) });
  }

  waiting(socket: Socket): number {
    return this.#waiting.get(socket) ?? 0;
  }

  /** `expectsContinue`: the caller holds the body back until he is told that it is wanted. */
  handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { socket } = request;
    const waiting = this.waiting(socket);
    if (waiting >= MAX_PIPELINED) return void socket.destroy();
    this.#waiting.set(socket, waiting + 1);
    response.once('close', () => this.#waiting.set(socket, this.waiting(socket) - 1));

    const refusal = this.#rules.refusal(request);
    if (refusal !== undefined) return this.#refuse(request, response, refusal, 'INVALID_REQUEST');
    if (expectsContinue && !isAnnouncedOver(request, this.#options.limits.maxRequestBytes)) response.writeContinue();
    const page = this.#options.pages[pathOf(request)];
    if (page === undefined) this.#call(request, response);
    else this.#show(page, response);
  }

  #call(request: IncomingMessage, response: ServerResponse): void {
    const { maxRequestBytes } = this.#options.limits;
    readBody(request, maxRequestBytes, (body) => {
      if (body !== BODY_TOO_LARGE) return this.#answer(body, response);
      const message = `a request of more than ${maxRequestBytes} bytes`;
      this.#refuse(request, response, { status: 413, message }, 'TOO_LARGE');
    });
  }

  #answer(body: Buffer, response: ServerResponse): void {
    let value: unknown;
    try {
      if (!isUtf8(body)) throw new UnderstudyError('PARSE_ERROR', 'not UTF-8');
      value = parseJson(body.toString('utf8'), this.#options.limits.maxDepth);
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return send(response, 200, failureAnswer(error));
    }
    this.#options.dispatcher.answer(value, (answer) => {
      if (answer === undefined) response.writeHead(204).end();
      else send(response, 200, answer);
    });
  }

  #show(page: Page, response: ServerResponse): void {
    Promise.resolve()
      .then(page)
      .then(({ status, body }) => send(response, status, JSON.stringify(body)))
      .catch((defect: unknown) => {
        this.#options.onDefect(defect);
        send(response, 500, failureAnswer(internalError()));
      });
  }

  /** The body is refused with the request: what still comes of it is dropped, for a while, so that the answer arrives. */
  #refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal, name: FailureName): void {
    const { status, message, headers } = refusal;
    const text = failureAnswer(new UnderstudyError(name, message));
    if (!hasBody(request)) return send(response, status, text, headers);
    response.writeHead(status, { ...headersOf(text), ...headers, Connection: 'close' });
    response.write(text);
    const end = (): void => void response.end();
    const timer = this.#options.clock.after(this.#options.limits.lingerMs, end);
    request.once('end', end);
    response.once('close', () => timer.cancel());
    request.resume();
  }
}

/** The JSON-RPC error that goes back as raw HTTP, where there is no request to answer. */
export function rawRefusal(status: string, message: string): string {
  const text = failureAnswer(new UnderstudyError('INVALID_REQUEST', message));
  const headers = Object.entries({ ...headersOf(text), Connection: 'close' });
  return `HTTP/1.1 ${status}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`;
}

function send(response: ServerResponse, status: number, text: string, headers: Refusal['headers'] = {}): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headersOf(text), ...headers }).end(text);
}

function headersOf(text: string): Record<string, string | number> {
  return {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
}

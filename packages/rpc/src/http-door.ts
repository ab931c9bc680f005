/**
 * Handles one HTTP request: JSON-RPC over HTTP/1.1, or a page.
 *
 * The rules decide first whether the request is accepted (http-rules.ts). Its body is then read up to a limit, and it
 * is answered in the order of the requests of its connection (http-pipeline.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { type Dispatcher, failureAnswer } from './dispatcher.ts';
import { type FailureName, UnderstudyError } from './failure.ts';
import { BODY_TOO_LARGE, hasBody, isAnnouncedOver, readBody } from './http-body.ts';
import { HttpPipeline } from './http-pipeline.ts';
import { HttpRules, pathOf, type Refusal, RPC_PATH, type Verdict } from './http-rules.ts';
import { outletOf } from './http-stream.ts';
import { parseRequest } from './json-text.ts';
import type { Limits } from './limits.ts';
import { draftOf } from './pace.ts';
import { methodsAt, type PageAnswer, type Pages, visitPage } from './page.ts';
import { internalError, type OnDefect } from './reply-once.ts';
import type { Neighbours } from './transport.ts';
import type { TurnShare } from './turn-share.ts';
import { utf8Text } from './utf8.ts';

/** The most unanswered requests of one connection. HTTP answers in order, so no client needs many. */
const MAX_PIPELINED = 64;

export interface HttpDoorOptions {
  readonly host: string;
  readonly pages: Pages;
  readonly neighbours: Neighbours | undefined;
  readonly hostNames: readonly string[];
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly turnShare: TurnShare;
  readonly onDefect: OnDefect;
}

export class HttpDoor {
  readonly #rules: HttpRules;
  readonly #options: HttpDoorOptions;
  readonly #pipelines = new WeakMap<Socket, HttpPipeline>();

  constructor(options: HttpDoorOptions) {
    this.#options = options;
    const { host, pages, neighbours, hostNames } = options;
    this.#rules = new HttpRules({ host, neighbours, hostNames, methodsAt: (path) => methodsAt(pages, path) });
  }

  waiting(socket: Socket): number {
    return this.#pipelines.get(socket)?.length ?? 0;
  }

  /** @param expectsContinue The client holds back the body until the server asks for it. */
  handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { socket } = request;
    if (this.waiting(socket) >= MAX_PIPELINED) return void socket.destroy();
    this.#pipelines.get(socket)?.add({ request, response }, () => this.#judge(request, response, expectsContinue));
  }

  /**
   * Adds a connection that speaks HTTP; its requests come to `handle` from now on. `note` receives the bytes that have
   * arrived or wait to leave.
   */
  join(socket: Socket, note: (bytes: number) => void): HttpPipeline {
    const { clock, turnShare } = this.#options;
    const pipeline = new HttpPipeline({ socket, clock, turnShare, note });
    this.#pipelines.set(socket, pipeline);
    return pipeline;
  }

  #judge(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const verdict = this.#rules.judge(request);
    if (!(verdict instanceof Promise)) return this.#handle(request, response, expectsContinue, verdict);
    verdict
      .then((judged) => this.#handle(request, response, expectsContinue, judged))
      .catch((defect: unknown) => this.#fail(response, defect));
  }

  #handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean, verdict: Verdict): void {
    if (response.destroyed) return;
    for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
    if (verdict.kind === 'refused') return this.#refuse(request, response, verdict.refusal, 'INVALID_REQUEST');
    if (verdict.kind === 'leave') return void response.writeHead(204).end();
    if (expectsContinue && !isAnnouncedOver(request, this.#options.limits.maxRequestBytes)) response.writeContinue();
    if (pathOf(request) === RPC_PATH) this.#read(request, response, (body) => this.#answer(body, response));
    else if (request.method !== 'PUT') this.#show(request, response, '');
    else this.#read(request, response, (body) => this.#take(request, response, body));
  }

  #read(request: IncomingMessage, response: ServerResponse, onBody: (body: Buffer) => void): void {
    const { maxRequestBytes } = this.#options.limits;
    const pipeline = this.#pipelines.get(request.socket);
    const take = (body: Buffer | typeof BODY_TOO_LARGE): void => {
      if (body !== BODY_TOO_LARGE) return this.#options.turnShare.run(() => onBody(body));
      const message = `a request of more than ${maxRequestBytes} bytes`;
      this.#refuse(request, response, { status: 413, message }, 'TOO_LARGE');
    };
    readBody(request, maxRequestBytes, take, (bytes) => pipeline?.took(bytes));
  }

  #answer(body: Buffer, response: ServerResponse): void {
    let value: unknown;
    try {
      const text = utf8Text(body);
      if (text === undefined) throw new UnderstudyError('PARSE_ERROR', 'not UTF-8');
      value = parseRequest(text, this.#options.limits);
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return send(response, 200, failureAnswer(error));
    }
    const onText = (answer: string | undefined): void => {
      if (answer === undefined) response.writeHead(204).end();
      else send(response, 200, answer);
      this.#options.turnShare.text.spend(answer?.length ?? 0);
    };
    this.#options.dispatcher.answer(value, onText, response.socket?.remoteAddress ?? '');
  }

  #take(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const text = utf8Text(body);
    if (text !== undefined) return this.#show(request, response, text);
    const error = new UnderstudyError('INVALID_PARAMS', 'the body is not UTF-8', { data: { field: 'body' } });
    send(response, 400, failureAnswer(error));
  }

  #show({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse, body: string): void {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    visitPage(this.#options.pages, { method, target: url, headers: textsOf(headers), body, signal: gone.signal })
      .then((answer) => this.#send(response, answer ?? { status: 404 }, method))
      .catch((defect: unknown) => this.#fail(response, defect));
  }

  #send(response: ServerResponse, answer: PageAnswer, method: string): void {
    const { status, stream, headers = {} } = answer;
    if (stream === undefined) return this.#sendWhole(response, answer);
    if (response.destroyed) return;
    response.writeHead(status, { 'Content-Type': TEXT, ...EVERYWHERE, ...headers });
    if (method === 'HEAD') return void response.end();
    response.flushHeaders();
    stream(outletOf(response, this.#options.limits.maxUnsentBytes));
  }

  /** Sends an answer when the share of this turn has room, because many connections may have asked for a large page. */
  #sendWhole(response: ServerResponse, answer: PageAnswer): void {
    const { text } = this.#options.turnShare;
    const make = (): void => text.spend(sendPage(response, answer));
    if (text.mustWait(answer.body)) text.wait(draftOf(make).write);
    else make();
  }

  #fail(response: ServerResponse, defect: unknown): void {
    this.#options.onDefect(defect);
    if (response.headersSent) response.destroy();
    else send(response, 500, failureAnswer(internalError()));
  }

  /** Refuses the request and its body. Further input is dropped for a while, so that the answer arrives. */
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

/** A JSON-RPC error as raw HTTP, for input that is not a request. */
export function rawRefusal(status: string, message: string): string {
  const text = failureAnswer(new UnderstudyError('INVALID_REQUEST', message));
  const headers = Object.entries({ ...headersOf(text), Connection: 'close' });
  return `HTTP/1.1 ${status}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`;
}

/** Sends a page. Returns the number of bytes or characters in its body. */
function sendPage(response: ServerResponse, { status, body, headers = {} }: PageAnswer): number {
  if (body === undefined) {
    if (!response.destroyed) response.writeHead(status, { ...EVERYWHERE, ...headers }).end();
    return 0;
  }
  const isBytes = body instanceof Uint8Array;
  const content = isBytes || typeof body === 'string' ? body : JSON.stringify(body);
  const type = isBytes ? BYTES : typeof body === 'string' ? TEXT : JSON_TYPE;
  send(response, status, content, { 'Content-Type': type, ...headers });
  return content.length;
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  headers: Refusal['headers'] = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headersOf(body), ...headers }).end(body);
}

function headersOf(body: string | Uint8Array): Record<string, string | number> {
  return { 'Content-Type': JSON_TYPE, 'Content-Length': Buffer.byteLength(body), ...EVERYWHERE };
}

/** The headers that a page may read. A repeated header is joined in the way Node does. */
function textsOf(headers: IncomingMessage['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const EVERYWHERE = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

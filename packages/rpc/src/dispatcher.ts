/**
 * Turns JSON-RPC 2.0 requests into answers. jayson validates and routes requests; batches and all text are handled
 * here.
 */
import jayson from 'jayson';
import { BatchRun } from './batch-run.ts';
import type { Clock } from './clock.ts';
import { UnderstudyError, type WireError } from './failure.ts';
import type { Limits } from './limits.ts';
import { draftOf, type Pace, paceOf } from './pace.ts';
import { type Answer, internalError, type OnDefect, ReplyOnce, type Watch } from './reply-once.ts';
import type { CallObserver, Method, Params } from './transport.ts';
import type { TurnShare } from './turn-share.ts';
import { TurnTime } from './turn-time.ts';

/**
 * Called once with the answer as JSON text. If the answer is `lazy`, called with a function that makes the text: an
 * answer that waits for its peer then needs no memory beyond its values. Called without an argument if the request was
 * a notification. `isDone` means no failure.
 */
export type OnAnswer = (answer: string | (() => string) | undefined, isDone: boolean) => void;

/** Receives an answer in a batch or over HTTP, which becomes text at once. */
export type OnText = (answer: string | undefined) => void;

/** A response from jayson. The errors that jayson itself finds have no data. */
interface Response {
  readonly jsonrpc: '2.0';
  readonly id: string | number | null;
  readonly result?: unknown;
  readonly error?: WireError | { readonly code: number; readonly message: string; readonly data?: undefined };
}

export interface DispatcherOptions {
  readonly methods: Readonly<Record<string, Method>>;
  readonly observer?: CallObserver | undefined;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Shared with the connections: a batch takes its share of a turn like one more connection. */
  readonly turnShare: TurnShare;
  readonly onDefect: OnDefect;
}

const IGNORE = (): void => {};

export class Dispatcher {
  readonly #server: jayson.Server;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #turnShare: TurnShare;
  readonly #onDefect: OnDefect;
  /** Used if the connection has no pace of its own. */
  readonly #pace: Pace;
  /** The sender of the request that is passed to its method right now. */
  #from = '';

  constructor({ methods, observer, clock, limits, turnShare, onDefect }: DispatcherOptions) {
    this.#clock = clock;
    this.#limits = limits;
    this.#turnShare = turnShare;
    this.#pace = paceOf(turnShare.text);
    this.#onDefect = onDefect;
    this.#server = new jayson.Server();
    const time = new TurnTime(clock);
    const from = (): string => this.#from;
    for (const [name, method] of Object.entries(methods)) {
      const watch = observer === undefined ? undefined : { method: name, observer, time };
      this.#server.method(name, handlerOf(method, from, onDefect, watch));
    }
  }

  /**
   * Answers a request, which is any parsed JSON. Returns false for a batch of which some requests begin in later turns;
   * `onBegun` is called when the last one has begun, and later input of the same sender should wait until then. `from`
   * is the address of the sender's machine.
   */
  answer(request: unknown, onText: OnText, from: string, onBegun: () => void = IGNORE, pace = this.#pace): boolean {
    if (Array.isArray(request)) return this.#answerBatch(request, onText, from, onBegun, pace);
    const onAnswer = (answer: string | (() => string) | undefined): void => {
      if (typeof answer === 'function') return pace.later(draftOf(() => onAnswer(answer())));
      onText(answer);
    };
    this.answerLazily(request, from, pace.mustWait, onAnswer);
    return true;
  }

  /** Answers a single request. `isLazy` is asked, when there is an answer, whether it should become text later. */
  answerLazily(request: unknown, from: string, isLazy: (answer: unknown) => boolean, onAnswer: OnAnswer): void {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return onAnswer(refusal, false);
    this.#from = from;
    this.#server.call(request as jayson.JSONRPCRequestLike, (error: unknown, response: unknown) => {
      const said = (error ?? response) as Response | undefined;
      const isDone = said?.error === undefined;
      if (said !== undefined && isLazy(said)) onAnswer(() => this.#textOf(said) ?? '', isDone);
      else onAnswer(this.#textOf(said), isDone);
    });
  }

  #textOf(response: Response | undefined): string | undefined {
    if (response === undefined) return undefined;
    const { maxAnswerBytes } = this.#limits;
    const { id, error } = response;
    if (error !== undefined && error.data === undefined) return failureAnswer(UnderstudyError.fromWire(error), id);
    try {
      const text = JSON.stringify(response);
      return text.length > maxAnswerBytes ? failureAnswer(answerTooLarge(maxAnswerBytes), id) : text;
    } catch (defect) {
      this.#onDefect(defect);
      return failureAnswer(internalError(), id);
    }
  }

  #answerBatch(requests: readonly unknown[], onAnswer: OnText, from: string, onBegun: () => void, pace: Pace): boolean {
    const { maxBatch, maxBatchAnswerBytes } = this.#limits;
    const refusal = batchRefusal(requests.length, maxBatch);
    if (refusal !== undefined) {
      onAnswer(failureAnswer(refusal));
      return true;
    }
    const run = new BatchRun({
      requests,
      begin: (request, mustWait, onOne) => this.answerLazily(request, from, mustWait, onOne),
      pace,
      clock: this.#clock,
      turnShare: this.#turnShare,
      maxBytes: maxBatchAnswerBytes,
      onAnswers: (answers) => onAnswer(answers.length === 0 ? undefined : `[${answers.join(',')}]`),
      onTooLarge: () => onAnswer(failureAnswer(answerTooLarge(maxBatchAnswerBytes))),
      onBegun,
    });
    return run.start();
  }
}

/** The answer to input that jayson must not see: it would parse a string as JSON, and treat an array as a batch. */
function refusalOf(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return NO_OBJECT_ANSWER;
  const { id } = request as { readonly id?: unknown };
  if (typeof id === 'string' && id.length > MAX_ID_UNITS) return LONG_ID_ANSWER;
  // Such an id would come back as another number or null, and the caller could not match the answer.
  return typeof id === 'number' && Math.abs(id) > Number.MAX_SAFE_INTEGER ? WRONG_ID_ANSWER : undefined;
}

/** The answer to a failed request. Its id is null if unknown. */
export function failureAnswer(error: UnderstudyError, id: Response['id'] = null): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: error.toWire() });
}

/** Created once, so that a flood of malformed input does not cost a stack trace per line. */
const NO_OBJECT_ANSWER = failureAnswer(new UnderstudyError('INVALID_REQUEST', 'a request must be an object'));

/**
 * The most UTF-16 units in an id. The id returns with the answer, so a huge id would cost as much to send as the
 * request to receive.
 */
const MAX_ID_UNITS = 1024;

const LONG_ID_ANSWER = failureAnswer(new UnderstudyError('INVALID_REQUEST', `an id over ${MAX_ID_UNITS} characters`));

const WRONG_ID_ANSWER = failureAnswer(new UnderstudyError('INVALID_REQUEST', 'an id that no double holds exactly'));

function handlerOf(
  method: Method,
  from: () => string,
  onDefect: OnDefect,
  watch: Watch | undefined,
): jayson.MethodHandler {
  return (given: unknown, answer: jayson.JSONRPCCallbackTypePlain) => {
    const params = (given ?? {}) as Params;
    const reply = new ReplyOnce(answer as unknown as Answer, from(), onDefect, params, watch);
    if (Array.isArray(given)) return reply.failure(new UnderstudyError('INVALID_PARAMS', 'params must be an object'));
    try {
      method(params, reply);
    } catch (error) {
      reply.thrown(error);
    }
  };
}

function batchRefusal(length: number, maxBatch: number): UnderstudyError | undefined {
  if (length === 0) return new UnderstudyError('INVALID_REQUEST', 'an empty batch');
  if (length <= maxBatch) return undefined;
  return new UnderstudyError('TOO_LARGE', `a batch of ${length} requests, more than ${maxBatch}`, {
    data: { maxBatch },
  });
}

/** The failure when an answer is too large. The request, or part of the batch, may have been executed. */
function answerTooLarge(maxBytes: number): UnderstudyError {
  return new UnderstudyError('TOO_LARGE', `the answer is over ${maxBytes} bytes`, {
    definite: false,
    data: { maxBytes },
  });
}

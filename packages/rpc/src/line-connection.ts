/** An incoming TCP connection: newline-delimited requests in, answers out in any order, one write per turn. */
import type { Socket } from 'node:net';
import { AnswerQueue } from './answer-queue.ts';
import type { Clock, Timer } from './clock.ts';
import { type Dispatcher, failureAnswer } from './dispatcher.ts';
import { UnderstudyError } from './failure.ts';
import type { GuestProtocol } from './guest.ts';
import { parseRequest } from './json-text.ts';
import type { Limits } from './limits.ts';
import { type Line, LineReader, NOT_UTF8, TOO_LONG } from './line-reader.ts';
import { QueuePace } from './pace.ts';
import { endGently } from './socket-end.ts';
import type { TurnShare } from './turn-share.ts';

/** Created once, so that a flood of malformed input does not cost a stack trace per line. */
const NOT_UTF8_ANSWER = failureAnswer(new UnderstudyError('PARSE_ERROR', 'not UTF-8'));

export interface LineConnectionOptions {
  readonly socket: Socket;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Shared by all connections of a listener. */
  readonly turnShare: TurnShare;
  /** Methods that only other nodes of the cluster call. */
  readonly peerMethods: ReadonlySet<unknown>;
  /** Called with the bytes that have arrived or wait to leave. */
  readonly note: (bytes: number) => void;
}

export class LineConnection implements GuestProtocol {
  readonly #socket: Socket;
  /** The address of the other machine. */
  readonly #remote: string;
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #turnShare: TurnShare;
  readonly #lines: LineReader;
  #inFlight = 0;
  #inFlightBytes = 0;
  readonly #answers: AnswerQueue;
  readonly #peerMethods: ReadonlySet<unknown>;
  readonly #note: (bytes: number) => void;
  #isPeer = false;
  /** All connections together hold too much, so this one is not read from. */
  #isStopped = false;
  readonly #pace: QueuePace;
  #flushDue = false;
  #working = false;
  /** Part of a batch has begun; later input waits for the rest of the batch. */
  #isBatchOpen = false;
  #inputEnded = false;
  /** This end sends nothing more. */
  #ended = false;
  #patience: Timer | undefined;
  #linesDone = 0;
  /** Until when lines may be handled in this turn, on the clock; undefined if none was handled in it. */
  #untilMs: number | undefined;
  #resting = false;

  constructor({ socket, dispatcher, clock, limits, turnShare, peerMethods, note }: LineConnectionOptions) {
    this.#socket = socket;
    this.#remote = socket.remoteAddress ?? '';
    this.#dispatcher = dispatcher;
    this.#clock = clock;
    this.#limits = limits;
    this.#turnShare = turnShare;
    this.#peerMethods = peerMethods;
    this.#note = note;
    const { maxUnsentBytes } = limits;
    const flushLater = (): void => this.#flushLater();
    this.#answers = new AnswerQueue({ socket, maxUnsentBytes, textShare: turnShare.text, note, onText: flushLater });
    this.#pace = new QueuePace(this.#answers, note, flushLater);
    this.#lines = new LineReader(limits.maxRequestBytes);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('end', () => this.endInput());
    socket.on('drain', () => this.#flushLater());
    socket.on('close', () => this.#forget());
  }

  get heldBytes(): number {
    const answers = this.#pace.heldUnits + this.#answers.heldBytes;
    return this.#lines.heldBytes + this.#inFlightBytes + answers + this.#socket.readableLength;
  }

  get isBusy(): boolean {
    return this.#inFlight > 0;
  }

  get hasUntaken(): boolean {
    return this.#answers.heldBytes > 0;
  }

  get hasSpoken(): boolean {
    return this.#linesDone > 0;
  }

  get isPeer(): boolean {
    return this.#isPeer;
  }

  setStopped(isStopped: boolean): void {
    this.#isStopped = isStopped;
    if (!this.#ended) this.#work();
  }

  read(chunk: Buffer): void {
    if (this.#ended) return; // input after the end is drained and dropped
    this.#lines.push(chunk);
    this.#work();
    this.#note(chunk.length);
  }

  /** The input has ended. Text after the last newline is a request too. */
  endInput(): void {
    this.#inputEnded = true;
    this.#lines.end();
    this.#work();
  }

  /** Sends the answers that are ready, then ends the connection. */
  close(): void {
    if (this.#ended) return;
    this.#answers.flush();
    this.#ended = true;
    this.#forget();
    endGently(this.#socket, this.#clock, this.#limits.lingerMs);
  }

  /** Handles input until the peer has too many unanswered requests or unread answers. Reading then stops. */
  #work(): void {
    if (this.#working || this.#resting || this.#ended) return;
    this.#working = true;
    const isDone = this.#handleLines();
    this.#working = false;
    if (this.#ended) return;
    if (isDone) return this.#waitForMore();
    this.#socket.pause();
    if (!this.#isBatchOpen && !this.#isCongested()) this.#rest();
  }

  /** Returns true if there is no complete line left. */
  #handleLines(): boolean {
    for (;;) {
      if (this.#ended || this.#isBatchOpen || this.#isCongested() || this.#isTurnOver) return false;
      if (this.#lines.isIdle) return true;
      this.#takeShare(); // blank lines take time too
      if (this.#isTurnOver) return false; // other connections used up this turn
      const line = this.#lines.next();
      if (line === undefined) return true;
      this.#handle(line);
    }
  }

  get #isTurnOver(): boolean {
    return this.#untilMs !== undefined && this.#clock.now() >= this.#untilMs;
  }

  /** Waits for the next turn, whatever arrives in this one. */
  #rest(): void {
    this.#resting = true;
    this.#turnShare.nextTurn(this.#goOn);
  }

  readonly #goOn = (): void => {
    this.#resting = false;
    this.#untilMs = undefined;
    this.#work();
  };

  /** Takes a share of this turn. Node reads a socket up to 32 times per turn; a busy one would block all timers. */
  #takeShare(): void {
    if (this.#untilMs !== undefined) return;
    this.#untilMs = this.#turnShare.take();
    this.#clock.endOfTurn(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    if (!this.#resting) this.#untilMs = undefined;
  };

  #waitForMore(): void {
    if (this.#inputEnded) {
      if (this.#inFlight === 0) this.close();
      return;
    }
    if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#lines.partialBytes > 0 && this.#patience === undefined) this.#waitForLine();
  }

  /** A started line must end in time. Input that arrived while the process was stopped is read first. */
  #waitForLine(): void {
    const linesDone = this.#linesDone;
    this.#patience = this.#clock.after(this.#limits.lineTimeoutMs, () => {
      this.#clock.endOfTurn(() => this.#lookForLine(linesDone));
    });
  }

  #lookForLine(linesDone: number): void {
    this.#patience = undefined;
    if (this.#ended || this.#lines.partialBytes === 0) return;
    if (this.#linesDone === linesDone) this.#socket.destroy();
    else this.#waitForLine();
  }

  #isCongested(): boolean {
    const { maxInFlight, maxInFlightBytes } = this.#limits;
    return (
      this.#inFlight >= maxInFlight ||
      this.#inFlightBytes >= maxInFlightBytes ||
      this.#answers.isFull ||
      this.#isStopped
    );
  }

  #handle(line: Line): void {
    this.#linesDone++;
    if (line === TOO_LONG) return this.#refuseLine();
    if (line === NOT_UTF8) return this.#send(NOT_UTF8_ANSWER);
    let request: unknown;
    try {
      request = parseRequest(line, this.#limits);
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return this.#send(failureAnswer(error));
    }
    const { length } = line;
    this.#inFlightBytes += length;
    if (Array.isArray(request)) this.#answerBatch(request, length);
    else this.#answerOne(request, length);
  }

  #answerOne(request: unknown, length: number): void {
    const isOfPeer = !this.#isPeer && this.#peerMethods.has((request as { readonly method?: unknown } | null)?.method);
    this.#inFlight += 1;
    this.#dispatcher.answerLazily(request, this.#remote, this.#pace.mustWait, (answer, isDone) => {
      if (isOfPeer && isDone) this.#isPeer = true;
      this.#inFlight -= 1;
      this.#finish(answer, length);
    });
  }

  #answerBatch(requests: readonly unknown[], length: number): void {
    this.#inFlight += requests.length;
    const onText = (answer: string | undefined): void => {
      this.#inFlight -= requests.length;
      this.#inFlightBytes -= length;
      if (answer !== undefined && !this.#ended) this.#answers.append(answer);
      this.#flushLater();
    };
    this.#isBatchOpen = !this.#dispatcher.answer(requests, onText, this.#remote, this.#onBegun, this.#pace);
  }

  #finish(answer: string | (() => string) | undefined, length: number): void {
    this.#inFlightBytes -= length;
    if (answer === undefined) this.#flushLater();
    else this.#send(answer);
  }

  readonly #onBegun = (): void => {
    this.#isBatchOpen = false;
    this.#work();
  };

  #refuseLine(): void {
    const { maxRequestBytes } = this.#limits;
    const message = `a request of more than ${maxRequestBytes} bytes; this connection ends here`;
    this.#send(failureAnswer(new UnderstudyError('TOO_LARGE', message, { data: { maxBytes: maxRequestBytes } })));
    this.close();
  }

  #send(answer: string | (() => string)): void {
    if (this.#ended) return;
    this.#answers.add(answer);
    this.#flushLater();
  }

  /** Called even if there is nothing to send, because an answered request may have made room. */
  #flushLater(): void {
    if (this.#flushDue || this.#ended) return;
    this.#flushDue = true;
    this.#clock.endOfTurn(() => {
      this.#flushDue = false;
      if (this.#ended) return;
      this.#answers.flush();
      this.#answers.refill();
      this.#answers.flush();
      if (this.#answers.hasMore) this.#flushLater();
      this.#work();
    });
  }

  #forget(): void {
    this.#ended = true;
    this.#answers.clear();
    this.#patience?.cancel();
    this.#patience = undefined;
  }
}

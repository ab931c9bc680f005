/** The listener's end of a plain TCP connection: newline-delimited requests in, answers out in any order, one write a turn. */
import type { Socket } from 'node:net';
import type { Clock, Timer } from './clock.ts';
import { type Dispatcher, failureAnswer } from './dispatcher.ts';
import { UnderstudyError } from './failure.ts';
import { parseJson } from './json-text.ts';
import type { Limits } from './limits.ts';
import { type Line, LineReader, NOT_UTF8, TOO_LONG } from './line-reader.ts';
import { endGently } from './socket-end.ts';
import type { TurnShare } from './turn-share.ts';

/** Answers beyond this many characters leave before the turn ends: the peer works on them meanwhile. */
const FLUSH_LENGTH = 16 * 1024;

/** Made once: a flood of nonsense must not cost a stack trace a line. */
const NOT_UTF8_ANSWER = failureAnswer(new UnderstudyError('PARSE_ERROR', 'not UTF-8'));

export interface LineConnectionOptions {
  readonly socket: Socket;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly limits: Limits;
  /** The same for all connections of a listener. */
  readonly turnShare: TurnShare;
}

export class LineConnection {
  readonly #socket: Socket;
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #turnShare: TurnShare;
  readonly #lines: LineReader;
  #inFlight = 0;
  #inFlightBytes = 0;
  #unsent = '';
  #flushDue = false;
  #working = false;
  /** A batch has begun in part: what stands behind it waits for the rest of it. */
  #isBatchOpen = false;
  #inputEnded = false;
  /** This end says nothing more. */
  #ended = false;
  #patience: Timer | undefined;
  #linesDone = 0;
  /** On the clock: until when lines may be handled in this turn; undefined: it has had none yet. */
  #untilMs: number | undefined;
  #resting = false;

  constructor({ socket, dispatcher, clock, limits, turnShare }: LineConnectionOptions) {
    this.#socket = socket;
    this.#dispatcher = dispatcher;
    this.#clock = clock;
    this.#limits = limits;
    this.#turnShare = turnShare;
    this.#lines = new LineReader(limits.maxRequestBytes);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('end', () => this.endInput());
    socket.on('drain', () => this.#work());
    socket.on('close', () => this.#forget());
  }

  read(chunk: Buffer): void {
    if (this.#ended) return; // what comes after the end is drained and dropped
    this.#lines.push(chunk);
    this.#work();
  }

  /** The peer says nothing more; what it said without a newline is a request too. */
  endInput(): void {
    this.#inputEnded = true;
    this.#lines.end();
    this.#work();
  }

  /** Lets the answers leave that were given, and ends the connection. */
  close(): void {
    if (this.#ended) return;
    this.#flush();
    this.#ended = true;
    this.#forget();
    endGently(this.#socket, this.#clock, this.#limits.lingerMs);
  }

  /** Handles what was read, until the peer has too much to answer or to take: then nothing more is read from it. */
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

  /** True: there is no whole line left. */
  #handleLines(): boolean {
    for (;;) {
      if (this.#ended || this.#isBatchOpen || this.#isCongested() || this.#isTurnOver) return false;
      if (this.#lines.isIdle) return true;
      this.#takeShare(); // blank lines take time too
      if (this.#isTurnOver) return false; // others took all of this turn
      const line = this.#lines.next();
      if (line === undefined) return true;
      this.#handle(line);
    }
  }

  get #isTurnOver(): boolean {
    return this.#untilMs !== undefined && this.#clock.now() >= this.#untilMs;
  }

  /** Until the next turn, whatever comes in this one. */
  #rest(): void {
    this.#resting = true;
    this.#turnShare.nextTurn(this.#goOn);
  }

  readonly #goOn = (): void => {
    this.#resting = false;
    this.#untilMs = undefined;
    this.#work();
  };

  /** Of the time that this turn has for lines. Node reads a socket up to 32 times in a turn: one that never pauses would have all of it, and no timer any. */
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

  /** A line that was begun must end some time. What came while this process did not run is read before it is looked for. */
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
    const { maxInFlight, maxInFlightBytes, maxUnsentBytes } = this.#limits;
    return (
      this.#inFlight >= maxInFlight ||
      this.#inFlightBytes >= maxInFlightBytes ||
      this.#socket.writableLength + this.#unsent.length >= maxUnsentBytes
    );
  }

  #handle(line: Line): void {
    this.#linesDone++;
    if (line === TOO_LONG) return this.#refuseLine();
    if (line === NOT_UTF8) return this.#send(NOT_UTF8_ANSWER);
    let request: unknown;
    try {
      request = parseJson(line, this.#limits);
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return this.#send(failureAnswer(error));
    }
    const { length } = line;
    const count = Array.isArray(request) ? request.length : 1;
    this.#inFlight += count;
    this.#inFlightBytes += length;
    const onAnswer = (answer: string | undefined): void => {
      this.#inFlight -= count;
      this.#inFlightBytes -= length;
      if (answer !== undefined) this.#send(answer);
      else this.#flushLater();
    };
    this.#isBatchOpen = !this.#dispatcher.answer(request, onAnswer, this.#onBegun);
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

  #send(answer: string): void {
    if (this.#ended) return;
    this.#unsent += `${answer}\n`;
    if (this.#unsent.length >= FLUSH_LENGTH) this.#flush();
    this.#flushLater();
  }

  /** Also where nothing is to be sent: an answered request may have made room for more. */
  #flushLater(): void {
    if (this.#flushDue || this.#ended) return;
    this.#flushDue = true;
    this.#clock.endOfTurn(() => {
      this.#flushDue = false;
      this.#flush();
      this.#work();
    });
  }

  #flush(): void {
    if (this.#unsent === '' || this.#ended) return;
    this.#socket.write(this.#unsent);
    this.#unsent = '';
  }

  #forget(): void {
    this.#ended = true;
    this.#unsent = '';
    this.#patience?.cancel();
    this.#patience = undefined;
  }
}

/**
 * The requests of one HTTP connection. They are handled one after the other, because their answers return in this order
 * anyway, and within the connection's share of a turn. Without this, a client could send many requests in one packet
 * and all would be handled in one turn.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import type { GuestProtocol } from './guest.ts';
import type { TurnShare } from './turn-share.ts';

/** A request that is being answered. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface HttpPipelineOptions {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly turnShare: TurnShare;
  /** Called with the bytes that have arrived or wait to leave. */
  readonly note: (bytes: number) => void;
}

export class HttpPipeline implements GuestProtocol {
  readonly isPeer = false;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #turnShare: TurnShare;
  readonly #note: (bytes: number) => void;
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;
  #hasSpoken = false;
  #current: Exchange | undefined;
  #bodyBytes = 0;
  #isStopped = false;
  /** Until when requests may begin in this turn, on the clock; undefined if none has begun in it. */
  #untilMs: number | undefined;

  constructor({ socket, clock, turnShare, note }: HttpPipelineOptions) {
    this.#socket = socket;
    this.#clock = clock;
    this.#turnShare = turnShare;
    this.#note = note;
  }

  get heldBytes(): number {
    const { readableLength, writableLength } = this.#socket;
    return this.#bodyBytes + readableLength + Math.max(writableLength, this.#current?.response.writableLength ?? 0);
  }

  get isBusy(): boolean {
    return this.length > 0;
  }

  get hasUntaken(): boolean {
    return this.#socket.writableLength > 0;
  }

  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  setStopped(isStopped: boolean): void {
    this.#isStopped = isStopped;
    if (this.#bodyBytes === 0) return;
    if (isStopped) this.#current?.request.pause();
    else this.#current?.request.resume();
  }

  /** Records bytes of the body that is being read. */
  took(bytes: number): void {
    this.#bodyBytes += bytes;
    if (this.#isStopped) this.#current?.request.pause();
    this.#note(bytes);
  }

  /** The number of unanswered requests. */
  get length(): number {
    return this.#waiting.length + (this.#isBusy ? 1 : 0);
  }

  /** Adds a request. `begin` is called when it is its turn. */
  add(exchange: Exchange, begin: () => void): void {
    this.#hasSpoken = true;
    this.#waiting.push(() => {
      if (exchange.response.closed) return this.#done();
      exchange.response.once('close', () => this.#done());
      this.#current = exchange;
      begin();
    });
    this.#next();
  }

  #done(): void {
    this.#current = undefined;
    this.#bodyBytes = 0;
    this.#isBusy = false;
    this.#next();
  }

  #next(): void {
    if (this.#isBusy || this.#waiting.length === 0) return;
    this.#isBusy = true;
    this.#takeShare();
    if (this.#clock.now() < (this.#untilMs ?? Infinity)) return this.#begin();
    this.#turnShare.nextTurn(() => {
      this.#untilMs = undefined;
      this.#takeShare();
      this.#begin();
    });
  }

  #begin(): void {
    this.#waiting.shift()?.();
  }

  #takeShare(): void {
    if (this.#untilMs !== undefined) return;
    this.#untilMs = this.#turnShare.take();
    this.#clock.endOfTurn(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#untilMs = undefined;
  };
}

/**
 * An outgoing TCP connection: sends requests and receives answers in any order, matched by id.
 *
 * When it ends, every waiting call fails as not definite, because its request may have been executed. An answer that is
 * malformed, or matches no request that was ever sent, ends the connection: after it, no later answer could be trusted.
 */
import type { Socket } from 'node:net';
import jayson from 'jayson';
import type { Call, CallKeeper } from './call.ts';
import { UnderstudyError } from './failure.ts';
import { parseJson } from './json-text.ts';
import type { Limits } from './limits.ts';
import { type Line, LineReader, NOT_UTF8, TOO_LONG } from './line-reader.ts';

/** The events that the owner of a connection receives. */
export interface ConnectionOwner {
  /** The socket accepts more data again. */
  hasRoom(): void;
  /** A call was answered. */
  wasAnswered(): void;
  /**
   * A call timed out or is slow, and nothing was received since it left. The connection may be dead without any error.
   */
  isSilent(connection: OutgoingConnection): void;
  /** The connection has ended, and its calls have been told. */
  ended(connection: OutgoingConnection): void;
}

/** A valid JSON-RPC 2.0 response: it has exactly one of result and error. */
interface Response {
  readonly id: number | string | null;
  readonly result?: unknown;
  readonly error?: unknown;
}

export class OutgoingConnection implements CallKeeper {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #limits: Limits;
  readonly #lines: LineReader;
  readonly #waiting = new Map<number, Call>();
  #lastId = 0;
  #heard = 0;
  #answered = false;
  #retired = false;
  #ended = false;

  constructor(socket: Socket, limits: Limits, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#limits = limits;
    this.#lines = new LineReader(limits.maxAnswerBytes);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => owner.hasRoom());
    socket.on('end', () => this.#lose());
    socket.on('close', () => this.#lose());
  }

  /** True once it has received an answer. */
  get hasAnswered(): boolean {
    return this.#answered;
  }

  /** True if more may be written now. */
  get hasRoom(): boolean {
    return !this.#ended && this.#socket.writable && this.#socket.writableLength < this.#limits.maxUnsentBytes;
  }

  /** Sends the calls in one write. */
  send(calls: readonly Call[]): void {
    let text = '';
    const flushed = this.#flushed;
    for (const call of calls) {
      text += call.leave(this, this.#heard);
      call.flushedBefore = flushed;
      this.#waiting.set(call.id, call);
      this.#lastId = call.id;
    }
    if (text !== '') this.#socket.write(text);
  }

  givenUp(call: Call, why: 'TIMEOUT' | 'ABORTED'): void {
    this.#waiting.delete(call.id);
    if (why === 'TIMEOUT' && this.#heard === call.heardBefore && !this.#retired) this.#owner.isSilent(this);
    this.#endWhenDone();
  }

  isMoving(call: Call): boolean {
    const isLeaving = this.#socket.writableLength > 0 && this.#flushed > call.flushedBefore;
    if (this.#heard !== call.heardBefore || isLeaving) return true;
    if (!this.#retired) this.#owner.isSilent(this);
    return false;
  }

  /** The bytes that the system has accepted. */
  get #flushed(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  /** Accepts no more calls, and ends once its last call has settled. */
  retire(): void {
    this.#retired = true;
    this.#endWhenDone();
  }

  /** Ends the connection at once. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#socket.once('close', () => resolve());
    });
    this.#end((call) => call.end('CLOSED', 'closed by the caller'));
    return closed;
  }

  #read(chunk: Buffer): void {
    this.#heard++;
    this.#lines.push(chunk);
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      if (this.#ended) return;
      this.#take(line);
    }
  }

  #take(line: Line): void {
    const response = this.#responseOf(line);
    if (response instanceof UnderstudyError) return this.#end((call) => call.fail(response));
    const call = this.#waiting.get(response.id as number);
    if (call === undefined) return this.#takeStray(response);
    this.#waiting.delete(call.id);
    this.#answered = true;
    this.#owner.wasAnswered();
    if (response.error === undefined) call.succeed(response.result);
    else call.fail(UnderstudyError.fromWire(response.error));
    this.#endWhenDone();
  }

  #responseOf(line: Line): Response | UnderstudyError {
    if (line === NOT_UTF8) return nonsense('PARSE_ERROR', 'an answer that is not UTF-8');
    if (line === TOO_LONG) return nonsense('TOO_LARGE', `an answer over ${this.#limits.maxAnswerBytes} bytes`);
    try {
      const { maxDepth, maxElements } = this.#limits;
      const value = parseJson(line, { maxDepth: maxDepth + 1, maxElements });
      if (jayson.Utils.Response.isValidResponse(value)) return value as Response;
      return nonsense('INVALID_REQUEST', 'an answer that is no JSON-RPC 2.0 response');
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      if (error.name === 'TOO_LARGE') return nonsense('TOO_LARGE', `an answer with ${error.message}`);
      return nonsense(
        error.name === 'PARSE_ERROR' ? 'PARSE_ERROR' : 'INVALID_REQUEST',
        `an answer that is ${error.message}`,
      );
    }
  }

  /**
   * Handles an answer without a waiting call: a late one, one about a request that the peer could not read, or an
   * invented one.
   */
  #takeStray({ id, error }: Response): void {
    if (typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= this.#lastId) return;
    if (id !== null) {
      const stray = nonsense('INVALID_REQUEST', 'an answer to a request that was never sent');
      return this.#end((call) => call.fail(stray));
    }
    const { name, message, data } = UnderstudyError.fromWire(error);
    const refusal = new UnderstudyError(name, `about one of the calls under way: ${message}`, {
      definite: false,
      data,
    });
    this.#end((call) => call.fail(refusal));
  }

  #endWhenDone(): void {
    if (this.#retired && this.#waiting.size === 0) this.#end(() => {});
  }

  #lose(): void {
    this.#end((call) => call.end('CONNECTION_LOST', 'the connection ended before the answer came'));
  }

  #end(tell: (call: Call) => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.destroy();
    for (const call of this.#waiting.values()) tell(call);
    this.#waiting.clear();
    this.#owner.ended(this);
  }
}

/** The peer sent a malformed answer. The request may have been executed. */
function nonsense(name: 'PARSE_ERROR' | 'INVALID_REQUEST' | 'TOO_LARGE', what: string): UnderstudyError {
  return new UnderstudyError(name, `the peer sent ${what}`, { definite: false });
}

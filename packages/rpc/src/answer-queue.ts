/** Answers on their way to one peer. When it does not take them, further ones wait as what they are, and become text when there is room. */
import type { Socket } from 'node:net';

/** Answers beyond this many characters leave before the turn ends: the peer works on them meanwhile. */
const FLUSH_LENGTH = 16 * 1024;
/** About what one takes that waits. */
const WAITING_BYTES = 1024;

export class AnswerQueue {
  readonly #socket: Socket;
  readonly #maxUnsentBytes: number;
  readonly #note: (bytes: number) => void;
  #text = '';
  #waiting: (string | (() => string))[] = [];

  /** `note`: told how much becomes text. */
  constructor(socket: Socket, maxUnsentBytes: number, note: (bytes: number) => void) {
    this.#socket = socket;
    this.#maxUnsentBytes = maxUnsentBytes;
    this.#note = note;
  }

  /** The peer has not taken so much that nothing more should become text. */
  get isFull(): boolean {
    return this.#waiting.length > 0 || this.#socket.writableLength + this.#text.length >= this.#maxUnsentBytes;
  }

  get heldBytes(): number {
    return this.#socket.writableLength + this.#text.length + WAITING_BYTES * this.#waiting.length;
  }

  /** Those that wait can become text soon: the socket will not tell when. */
  get hasMore(): boolean {
    return this.#waiting.length > 0 && !this.#socket.writableNeedDrain;
  }

  add(answer: string | (() => string)): void {
    if (this.#waiting.length > 0) this.#waiting.push(answer);
    else if (typeof answer === 'function' && this.isFull) this.#waiting.push(answer);
    else this.#append(answer);
  }

  flush(): void {
    if (this.#text === '') return;
    this.#socket.write(this.#text);
    this.#text = '';
  }

  /** Makes text of those that wait, as much as there is room for. */
  refill(): void {
    let next = 0;
    const hasRoom = (): boolean => this.#socket.writableLength + this.#text.length < this.#maxUnsentBytes;
    for (; next < this.#waiting.length && hasRoom(); next++) this.#append(this.#waiting[next] ?? '');
    if (next > 0) this.#waiting = this.#waiting.slice(next);
  }

  clear(): void {
    this.#text = '';
    this.#waiting = [];
  }

  #append(answer: string | (() => string)): void {
    const text = typeof answer === 'string' ? answer : answer();
    this.#text += `${text}\n`;
    this.#note(text.length);
    if (this.#text.length >= FLUSH_LENGTH) this.flush();
  }
}

/**
 * Answers on their way to one peer. When it does not take them, or when the text that a turn may make is spent
 * (text-share.ts), further ones wait as what they are. They become text when there is room.
 */
import type { Socket } from 'node:net';
import type { TextShare } from './text-share.ts';

/** Answers beyond this many characters leave before the turn ends: the peer works on them meanwhile. */
const FLUSH_LENGTH = 16 * 1024;
/** About what one takes that waits. */
const WAITING_BYTES = 1024;
/** Counted for an answer besides its text: many small ones take time too. */
const ANSWER_UNITS = 128;

/** An answer that becomes text piece by piece, and then sends itself. */
export interface Draft {
  /** Makes text of the pieces that there are, while `hasRoom` says so. False: there was not room enough. */
  write(hasRoom: () => boolean): boolean;
}

export interface AnswerQueueOptions {
  readonly socket: Socket;
  readonly maxUnsentBytes: number;
  readonly textShare: TextShare;
  /** Told how much becomes text. */
  readonly note: (bytes: number) => void;
  /** Called when answers that waited have become text, which is to be flushed. */
  readonly onText: () => void;
}

export class AnswerQueue {
  readonly #options: AnswerQueueOptions;
  readonly #socket: Socket;
  #text = '';
  #waiting: (string | (() => string) | Draft)[] = [];
  #waitingUnits = 0;
  /** The share of text will call back. */
  #isInLine = false;

  constructor(options: AnswerQueueOptions) {
    this.#options = options;
    this.#socket = options.socket;
  }

  /** The peer has not taken so much that nothing more should become text. */
  get isFull(): boolean {
    return this.#waiting.length > 0 || !this.#hasRoom;
  }

  get heldBytes(): number {
    const waiting = this.#waitingUnits + WAITING_BYTES * this.#waiting.length;
    return this.#socket.writableLength + this.#text.length + waiting;
  }

  /** Those that wait can become text soon: the socket will not tell when. */
  get hasMore(): boolean {
    return this.#waiting.length > 0 && !this.#isInLine && !this.#socket.writableNeedDrain;
  }

  /** Whether `answer` should not become text now. */
  mustWait(answer: unknown): boolean {
    return this.isFull || this.#options.textShare.mustWait(answer);
  }

  /** Text leaves at once where nothing waits; a function is an answer that must wait. */
  add(answer: string | (() => string)): void {
    if (typeof answer === 'string' && this.#waiting.length === 0) return this.append(answer);
    if (typeof answer === 'string') this.#waitingUnits += answer.length;
    this.#waiting.push(answer);
  }

  /** It sends itself by `append`. */
  addDraft(draft: Draft): void {
    this.#waiting.push(draft);
  }

  /** Text that leaves before all that waits. */
  append(text: string): void {
    this.#text += `${text}\n`;
    this.#options.textShare.spend(text.length);
    this.#options.note(text.length);
    if (this.#text.length >= FLUSH_LENGTH) this.flush();
  }

  flush(): void {
    if (this.#text === '') return;
    this.#socket.write(this.#text);
    this.#text = '';
  }

  /**
   * Makes text of those that wait, as much as there is room for. Where the share of this turn is spent, the rest
   * follows by itself.
   */
  refill(): void {
    const { textShare } = this.#options;
    while (this.#waiting.length > 0 && this.#hasRoom && !this.#isInLine) {
      if (textShare.isFree) {
        this.#writeFirst();
      } else {
        this.#isInLine = true;
        textShare.wait(this.#goOn);
      }
    }
  }

  clear(): void {
    this.#text = '';
    this.#waiting = [];
    this.#waitingUnits = 0;
  }

  get #hasRoom(): boolean {
    return this.#socket.writableLength + this.#text.length < this.#options.maxUnsentBytes;
  }

  readonly #goOn = (): boolean => {
    if (!this.#writeFirst()) return false;
    this.#isInLine = false;
    this.refill();
    this.#options.onText();
    return true;
  };

  /** False: there is more to be done for the first that waits. */
  #writeFirst(): boolean {
    const { textShare } = this.#options;
    const [first] = this.#waiting;
    if (typeof first === 'object' && !first.write(() => textShare.hasRoom)) return false;
    if (first === undefined || this.#waiting[0] !== first) return true; // the connection has ended
    this.#waiting.shift();
    if (typeof first === 'string') this.#waitingUnits -= first.length;
    if (typeof first !== 'object') this.append(typeof first === 'string' ? first : first());
    textShare.spend(ANSWER_UNITS);
    return true;
  }
}

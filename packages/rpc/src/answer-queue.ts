/**
 * The queue of answers to one peer. When the peer does not read, or the text share of a turn is spent (text-share.ts),
 * further answers wait as values, and become text when there is room.
 */
import type { Socket } from 'node:net';
import type { TextShare } from './text-share.ts';

/**
 * When this many characters of answers are ready, they leave before the turn ends, so that the peer can work on them
 * meanwhile.
 */
const FLUSH_LENGTH = 16 * 1024;
/** The approximate memory of a waiting answer, in bytes. */
const WAITING_BYTES = 1024;
/** Counted for each answer besides its text, because many small answers take time too. */
const ANSWER_UNITS = 128;

/** An answer that becomes text piece by piece and then sends itself. */
export interface Draft {
  /** Converts pieces to text while `hasRoom` allows it. Returns false if there was not enough room. */
  write(hasRoom: () => boolean): boolean;
}

export interface AnswerQueueOptions {
  readonly socket: Socket;
  readonly maxUnsentBytes: number;
  readonly textShare: TextShare;
  /** Called with the number of bytes that become text. */
  readonly note: (bytes: number) => void;
  /** Called when waiting answers have become text that must be flushed. */
  readonly onText: () => void;
}

export class AnswerQueue {
  readonly #options: AnswerQueueOptions;
  readonly #socket: Socket;
  #text = '';
  #waiting: (string | (() => string) | Draft)[] = [];
  #waitingUnits = 0;
  /** The text share will call back. */
  #isInLine = false;

  constructor(options: AnswerQueueOptions) {
    this.#options = options;
    this.#socket = options.socket;
  }

  /** True if the peer has left so much unread that no more answers should become text. */
  get isFull(): boolean {
    return this.#waiting.length > 0 || !this.#hasRoom;
  }

  get heldBytes(): number {
    const waiting = this.#waitingUnits + WAITING_BYTES * this.#waiting.length;
    return this.#socket.writableLength + this.#text.length + waiting;
  }

  /** True if waiting answers can become text soon without an event from the socket. */
  get hasMore(): boolean {
    return this.#waiting.length > 0 && !this.#isInLine && !this.#socket.writableNeedDrain;
  }

  /** Whether `answer` should not become text yet. */
  mustWait(answer: unknown): boolean {
    return this.isFull || this.#options.textShare.mustWait(answer);
  }

  /** Adds an answer. Text leaves at once if nothing waits; a function is an answer that must wait. */
  add(answer: string | (() => string)): void {
    if (typeof answer === 'string' && this.#waiting.length === 0) return this.append(answer);
    if (typeof answer === 'string') this.#waitingUnits += answer.length;
    this.#waiting.push(answer);
  }

  /** Adds a draft, which sends itself with `append`. */
  addDraft(draft: Draft): void {
    this.#waiting.push(draft);
  }

  /** Adds text that leaves before everything that waits. */
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
   * Converts waiting answers to text while there is room. If the share of this turn is spent, the rest follows by
   * itself.
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

  /** Returns false if the first waiting answer is not complete yet. */
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

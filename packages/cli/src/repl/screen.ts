/** The terminal as the prompt and the answers share it: while a command runs, what is typed does not show. */
import { Writable } from 'node:stream';
import type { GrowingLine } from '../narrate/client.ts';

export interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export class Screen implements GrowingLine, Disposable {
  /** For readline. */
  readonly stream: PromptStream;
  readonly #terminal: Terminal;
  #isLineOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.stream = new PromptStream(terminal);
    terminal.on('resize', this.#onResize);
  }

  [Symbol.dispose](): void {
    this.#terminal.off('resize', this.#onResize);
  }

  /** One line or several. */
  line(text: string): void {
    this.end();
    this.#terminal.write(`${text}\n`);
  }

  grow(text: string): void {
    this.#terminal.write(text);
    this.#isLineOpen = true;
  }

  end(): void {
    if (this.#isLineOpen) this.#terminal.write('\n');
    this.#isLineOpen = false;
  }

  readonly #onResize = () => void this.stream.emit('resize');
}

class PromptStream extends Writable {
  readonly #terminal: Terminal;
  /** What is written is dropped. */
  isMuted = false;

  constructor(terminal: Terminal) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
  }

  /** Readline asks for it; undefined: 80, for a terminal of no columns would get a line for each character. */
  get columns(): number | undefined {
    return this.#terminal.columns || undefined;
  }

  override _write(chunk: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    if (!this.isMuted) this.#terminal.write(String(chunk));
    done();
  }
}

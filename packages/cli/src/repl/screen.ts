/** The terminal, shared by the prompt and the answers. While a command runs, typed text is not shown. */
import { Writable } from 'node:stream';
import type { GrowingLine } from '../narrate/client.ts';

export interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export class Screen implements GrowingLine, Disposable {
  /** The stream for readline. */
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
  /** Drops everything written. */
  isMuted = false;

  constructor(terminal: Terminal) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
  }

  /** Readline asks for this. Undefined means 80: with 0 columns, it would draw one line per character. */
  get columns(): number | undefined {
    return this.#terminal.columns || undefined;
  }

  override _write(chunk: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    if (!this.isMuted) this.#terminal.write(String(chunk));
    done();
  }
}

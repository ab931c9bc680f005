/** A person at a terminal, for tests: types, and reads what the terminal shows. */
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { type TerminalOptions, talkAtTerminal } from '../../../packages/cli/src/repl/at-terminal.ts';
import type { Terminal } from '../../../packages/cli/src/repl/screen.ts';
import { eventually } from '../command.ts';

export const KEY = { tab: '\t', enter: '\r', ctrlC: '\u0003', ctrlD: '\u0004', up: '\u001b[A' } as const;

export class FakeTerminal implements Terminal, AsyncDisposable {
  readonly columns = 100;
  /** Resolves when the REPL has ended. */
  readonly ended: Promise<void>;
  /** All that was written, as it was. */
  written = '';
  readonly #keyboard = new PassThrough();

  constructor(options: Pick<TerminalOptions, 'monitor'> & Partial<TerminalOptions>) {
    this.ended = talkAtTerminal({
      timeout: 10_000,
      colours: false,
      historyPath: undefined,
      ...options,
      input: this.#keyboard,
      terminal: this,
    });
  }

  /** What was written, without what moves the cursor. */
  get shown(): string {
    return stripVTControlCharacters(this.written);
  }

  write(text: string): boolean {
    this.written += text;
    return true;
  }

  on(): this {
    return this;
  }

  off(): this {
    return this;
  }

  press(keys: string): void {
    this.#keyboard.write(keys);
  }

  /** One key after the other, as fingers do: what comes at once is taken for pasted text. */
  async tap(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.press(key);
      await eventually('the key is read', () => this.#keyboard.readableLength === 0);
    }
  }

  /** Enters a line, and resolves with what shows before the next prompt. */
  async enter(line: string): Promise<string> {
    const before = this.written.length;
    this.press(`${line}${KEY.enter}`);
    await this.prompts(before);
    const shown = stripVTControlCharacters(this.written.slice(before));
    return shown.slice(shown.indexOf('\n') + 1, shown.lastIndexOf('>> ')).trimEnd();
  }

  /** Resolves when it asks for a line, and has not shown that much longer. */
  async prompts(since = 0): Promise<void> {
    await eventually('a prompt', () => /(^|\n)>> $/.test(stripVTControlCharacters(this.written.slice(since))), 20_000);
  }

  async shows(text: string | RegExp): Promise<void> {
    const fits = () => (typeof text === 'string' ? this.shown.includes(text) : text.test(this.shown));
    try {
      await eventually(`the terminal shows ${text}`, fits, 20_000);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it shows: ${this.shown}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.press(`${KEY.ctrlC}${KEY.ctrlC}`);
    this.#keyboard.end();
    await this.ended;
  }
}

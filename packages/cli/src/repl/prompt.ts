/**
 * The prompt: reads lines from a person at a terminal, and executes them one after the other. While a line runs, typed
 * text is hidden, and further lines wait.
 */
import { createInterface, type Interface } from 'node:readline';
import { complete, type FindKeys } from './completion.ts';
import { type History, KEPT_LINES } from './history.ts';
import type { Outcome } from './interpreter.ts';
import type { Screen } from './screen.ts';

export interface PromptOptions {
  readonly input: NodeJS.ReadableStream;
  readonly screen: Screen;
  readonly history: History;
  readonly findKeys: FindKeys;
  /** Runs before the first prompt. It can be cancelled like a line. */
  readonly greet: (signal: AbortSignal) => Promise<void>;
  readonly run: (line: string, signal: AbortSignal) => Promise<Outcome>;
}

const PROMPT = '>> ';

const END_OF_LINE = { ctrl: true, name: 'e' };
const DELETE_TO_BEGINNING = { ctrl: true, name: 'u' };

export class Prompt {
  /** Resolves when the user has left. */
  readonly ended: Promise<void>;
  readonly #options: PromptOptions;
  readonly #readline: Interface;
  /** Lines that were entered while another one ran. */
  #waiting: string[] = [];
  /** Cancels the line that runs. */
  #cancel: AbortController | undefined = undefined;
  #isClosed = false;
  #resolveEnded: () => void = () => {};

  constructor(options: PromptOptions) {
    const { input, screen, history } = options;
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#readline = createInterface({
      input,
      output: screen.stream,
      terminal: true,
      prompt: PROMPT,
      history: history.load(),
      historySize: KEPT_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) =>
        void this.#complete(line).then((result) => done(null, result)),
    });
    this.#readline.on('line', (line) => this.#onLine(line));
    this.#readline.on('SIGINT', () => this.interrupt());
    // After Ctrl-Z and `fg`: readline has paused, and its user must continue it.
    this.#readline.on('SIGCONT', () => this.#readline.prompt(true));
    this.#readline.on('close', () => this.#onClose());
    // The terminal is gone.
    input.on('error', () => this.leave());
    void this.#busy(options.greet);
  }

  /** Ctrl-C: cancels what runs, and with it the waiting lines; otherwise clears the line. */
  interrupt(): void {
    if (this.#cancel !== undefined) return this.#cancel.abort();
    const { screen } = this.#options;
    const isEmpty = this.#readline.line === '';
    // The typed text stays visible, as in a shell.
    this.#readline.write(null, END_OF_LINE);
    screen.line(isEmpty ? '^C\n(Ctrl-D or `exit` leaves)' : '^C');
    screen.stream.isMuted = true;
    this.#readline.write(null, DELETE_TO_BEGINNING);
    screen.stream.isMuted = false;
    this.#readline.prompt();
  }

  /** Cancels what runs, and ends. */
  leave(): void {
    this.#waiting = [];
    this.#cancel?.abort();
    this.#readline.close();
  }

  #onLine(line: string): void {
    this.#options.history.add(line);
    this.#waiting.push(line);
    if (this.#cancel === undefined) void this.#busy((signal) => this.#runNext(signal, true));
  }

  #onClose(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#cancel !== undefined) return;
    // Puts the shell's own prompt on a new line.
    this.#options.screen.line('');
    this.#resolveEnded();
  }

  /** Shows nothing of what is typed until everything is done. Then the line appears as far as it has been typed. */
  async #busy(first: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { stream } = this.#options.screen;
    stream.isMuted = true;
    for (let next = first; ; next = (signal) => this.#runNext(signal, false)) {
      this.#cancel = new AbortController();
      await next(this.#cancel.signal);
      if (this.#cancel.signal.aborted) this.#dropWaiting();
      if (this.#waiting.length === 0) break;
    }
    this.#cancel = undefined;
    if (this.#isClosed) return this.#resolveEnded();
    this.#drawPrompt();
  }

  /** A line that had to wait was not shown when it was typed. */
  async #runNext(signal: AbortSignal, isShown: boolean): Promise<void> {
    const line = this.#waiting.shift() ?? '';
    if (!isShown) this.#options.screen.line(`${PROMPT}${line}`);
    const outcome = await this.#options.run(line, signal);
    if (outcome === 'exit') this.leave();
  }

  /**
   * Text typed while hidden may fill several rows. Readline moves the cursor up by as many rows as it believes to have
   * drawn. So it draws them hidden first, and gets the room for them.
   */
  #drawPrompt(): void {
    const { screen } = this.#options;
    this.#readline.prompt(true);
    const { rows } = this.#readline.getCursorPos();
    if (rows > 0) screen.line('\n'.repeat(rows - 1));
    screen.stream.isMuted = false;
    this.#readline.prompt(true);
  }

  #dropWaiting(): void {
    const count = this.#waiting.length;
    this.#waiting = [];
    if (count > 0) this.#options.screen.line(`${count} more ${count === 1 ? 'line is' : 'lines are'} not done`);
  }

  /**
   * Readline reads nothing while it waits for completions, so it is resumed. If the line has changed meanwhile, the
   * completions are useless.
   */
  async #complete(line: string): Promise<[string[], string]> {
    if (this.#cancel !== undefined) return [[], line];
    this.#readline.resume();
    const before = this.#readline.line;
    const [candidates, typed] = await complete(line, this.#options.findKeys);
    const isStale = this.#isClosed || this.#cancel !== undefined || this.#readline.line !== before;
    return isStale ? [[], line] : [candidates, typed];
  }
}

/** Shows progress in one line of a terminal, which is redrawn again and again. */
import type { Clock, Timer } from '@understudy/rpc';

const REDRAW_AFTER_MS = 200;
const ERASE_LINE = '\r\u001b[K';

export interface Terminal {
  readonly columns?: number;
  /** The terminal does not keep up, so nothing more should be written. */
  readonly writableNeedDrain?: boolean;
  write(text: string): unknown;
}

export class ProgressLine implements Disposable {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #beganMs: number;
  readonly #line: (elapsedMs: number) => string;
  #timer: Timer;

  /** @param line Returns the present text. */
  constructor(terminal: Terminal, clock: Clock, line: (elapsedMs: number) => string) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#beganMs = clock.now();
    this.#line = line;
    this.#timer = clock.after(REDRAW_AFTER_MS, this.#redraw);
  }

  /** Makes room for other lines. The next drawing is below them. */
  clear(): void {
    this.#terminal.write(ERASE_LINE);
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
    this.clear();
  }

  readonly #redraw = (): void => {
    if (this.#terminal.writableNeedDrain !== true) this.#draw();
    this.#timer = this.#clock.after(REDRAW_AFTER_MS, this.#redraw);
  };

  #draw(): void {
    const line = this.#line(this.#clock.now() - this.#beganMs);
    // A line that wraps could not be erased. Some terminals do not know their width and report 0.
    this.#terminal.write(`${ERASE_LINE}${line.slice(0, (this.#terminal.columns || 80) - 1)}`);
  }
}

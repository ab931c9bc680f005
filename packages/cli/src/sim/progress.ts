/** How far a batch is: one line of a terminal, drawn again and again. */
import type { Clock, Timer } from '@understudy/rpc';
import { virtualMsOf } from './tally.ts';
import type { Outcome } from './task.ts';
import { count, span } from './words.ts';

const REDRAW_AFTER_MS = 200;
const ERASE_LINE = '\r\u001b[K';

export interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Standing {
  readonly seeds: number;
  readonly done: number;
  readonly violated: number;
  readonly virtualMs: number;
  readonly elapsedMs: number;
}

export class Progress implements Disposable {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #beganMs: number;
  #standing: Omit<Standing, 'elapsedMs'>;
  #timer: Timer;

  constructor(seeds: number, terminal: Terminal, clock: Clock) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#beganMs = clock.now();
    this.#standing = { seeds, done: 0, violated: 0, virtualMs: 0 };
    this.#timer = clock.after(REDRAW_AFTER_MS, this.#redraw);
  }

  add({ result }: Outcome): void {
    const { done, violated, virtualMs } = this.#standing;
    this.#standing = {
      ...this.#standing,
      done: done + 1,
      violated: violated + (result.violations.length > 0 ? 1 : 0),
      virtualMs: virtualMs + virtualMsOf(result),
    };
  }

  /** Makes room for other lines; the next drawing is below them. */
  clear(): void {
    this.#terminal.write(ERASE_LINE);
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
    this.clear();
  }

  readonly #redraw = (): void => {
    const line = progressLine({ ...this.#standing, elapsedMs: this.#clock.now() - this.#beganMs });
    // A line that wraps could not be erased.
    this.#terminal.write(`${ERASE_LINE}${line.slice(0, (this.#terminal.columns ?? 80) - 1)}`);
    this.#timer = this.#clock.after(REDRAW_AFTER_MS, this.#redraw);
  };
}

/** Such as "12/500 seeds, 2.1/s, 126x real time, 0 violated, 3 min 52 s left". */
export function progressLine({ seeds, done, violated, virtualMs, elapsedMs }: Standing): string {
  if (done === 0) return `simulating, ${span(elapsedMs)}`;
  const perSecond = (1_000 * done) / elapsedMs;
  return [
    `${count(done)}/${count(seeds)} seeds`,
    `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`,
    `${(virtualMs / elapsedMs).toFixed(0)}x real time`,
    `${count(violated)} violated`,
    `${span((elapsedMs * (seeds - done)) / done)} left`,
  ].join(', ');
}

/** The progress of a batch. */
import type { Clock } from '@understudy/rpc';
import { ProgressLine, type Terminal } from '../progress-line.ts';
import { count, span } from '../words.ts';
import { virtualMsOf } from './tally.ts';
import type { Outcome } from './task.ts';

export interface Standing {
  readonly seeds: number;
  readonly done: number;
  readonly violated: number;
  readonly virtualMs: number;
  readonly elapsedMs: number;
}

export class Progress implements Disposable {
  readonly #line: ProgressLine;
  #standing: Omit<Standing, 'elapsedMs'>;

  constructor(seeds: number, terminal: Terminal, clock: Clock) {
    this.#standing = { seeds, done: 0, violated: 0, virtualMs: 0 };
    this.#line = new ProgressLine(terminal, clock, (elapsedMs) => progressLine({ ...this.#standing, elapsedMs }));
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

  /** Makes room for other lines. The next drawing is below them. */
  clear(): void {
    this.#line.clear();
  }

  [Symbol.dispose](): void {
    this.#line[Symbol.dispose]();
  }
}

/** For example "12/500 seeds, 2.1/s, 126x real time, 0 violated, 3 min 52 s left". */
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

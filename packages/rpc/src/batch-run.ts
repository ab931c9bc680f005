/** One batch under way. Its requests begin in order, as many in one turn of the event loop as the share of a connection allows, and the
 * others in the next turns: a batch of a thousand slow requests must not keep pings waiting. Once the answers are over their bound
 * nothing more begins, and nothing more is made into text.
 */
import type { Clock } from './clock.ts';
import type { TurnShare } from './turn-share.ts';

export interface BatchRunOptions {
  readonly requests: readonly unknown[];
  /** Begins one request; calls back once with its answer as text, which is made only when `isWanted`. */
  readonly begin: (request: unknown, isWanted: () => boolean, onAnswer: (answer: string | undefined) => void) => void;
  readonly clock: Clock;
  readonly turnShare: TurnShare;
  /** Bytes of all answers together. */
  readonly maxBytes: number;
  /** Called once, with the answers in the order of the requests; of notifications there is none. */
  readonly onAnswers: (answers: readonly string[]) => void;
  /** Called instead: they are over the bound. */
  readonly onTooLarge: () => void;
  /** Called where `start` was false, once no request will begin any more. */
  readonly onBegun: () => void;
}

export class BatchRun {
  readonly #options: BatchRunOptions;
  #answers: (string | undefined)[] = [];
  #next = 0;
  #open: number;
  #length = 0;

  constructor(options: BatchRunOptions) {
    this.#options = options;
    this.#open = options.requests.length;
  }

  /** True: all have begun that ever will. */
  start(): boolean {
    const { requests, clock, turnShare } = this.#options;
    const untilMs = turnShare.take();
    while (this.#isWanted() && this.#next < requests.length) {
      this.#begin(this.#next++);
      if (clock.now() >= untilMs) break;
    }
    if (!this.#isWanted() || this.#next === requests.length) return true;
    turnShare.nextTurn(this.#goOn);
    return false;
  }

  readonly #goOn = (): void => {
    if (this.start()) this.#options.onBegun();
  };

  readonly #isWanted = (): boolean => this.#length <= this.#options.maxBytes;

  #begin(index: number): void {
    const { requests, begin } = this.#options;
    begin(requests[index], this.#isWanted, (answer) => this.#take(index, answer));
  }

  #take(index: number, answer: string | undefined): void {
    if (!this.#isWanted()) return;
    this.#answers[index] = answer;
    this.#length += answer?.length ?? 0;
    this.#open--;
    if (!this.#isWanted()) {
      this.#answers = [];
      this.#options.onTooLarge();
    } else if (this.#open === 0) {
      this.#options.onAnswers(this.#answers.filter((text) => text !== undefined));
    }
  }
}

/**
 * One JSON-RPC batch in progress.
 *
 * Its requests begin in order, as many per turn of the event loop as the share of a connection allows: a batch of a
 * thousand slow requests must not delay pings. When the answers exceed their bound, no more requests begin and no more
 * answers become text. Answers that must wait (see Pace) become text later, and no further request begins until then,
 * because the answers would need unbounded memory.
 */
import type { Draft } from './answer-queue.ts';
import type { Clock } from './clock.ts';
import type { Pace } from './pace.ts';
import type { TurnShare } from './turn-share.ts';

export interface BatchRunOptions {
  readonly requests: readonly unknown[];
  /** Begins one request. Calls back once with its answer, as text or as a function that makes the text. */
  readonly begin: (request: unknown, mustWait: (answer: unknown) => boolean, onAnswer: OnAnswer) => void;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly turnShare: TurnShare;
  /** The most bytes of all answers together. */
  readonly maxBytes: number;
  /** Called once, with the answers in the order of the requests. Notifications have no answer. */
  readonly onAnswers: (answers: readonly string[]) => void;
  /** Called instead if the answers exceed the bound. */
  readonly onTooLarge: () => void;
  /** Called if `start` returned false, once no more requests will begin. */
  readonly onBegun: () => void;
}

type OnAnswer = (answer: string | (() => string) | undefined) => void;

/** Counted for each answer besides its text, because many small answers take time too. */
const ANSWER_UNITS = 128;

export class BatchRun implements Draft {
  readonly #options: BatchRunOptions;
  #answers: (string | undefined)[] = [];
  #next = 0;
  #open: number;
  #length = 0;
  /** Answers that are not text yet. */
  #unwritten: { readonly index: number; readonly text: () => string }[] = [];
  /** True until those answers have become text. */
  #isPaused = false;

  constructor(options: BatchRunOptions) {
    this.#options = options;
    this.#open = options.requests.length;
  }

  /** Returns true if all requests that will ever begin have begun. */
  start(): boolean {
    const { requests, clock, turnShare } = this.#options;
    const untilMs = turnShare.take();
    while (this.#isWanted() && this.#next < requests.length && this.#unwritten.length === 0) {
      this.#begin(this.#next++);
      if (clock.now() >= untilMs) break;
    }
    if (!this.#isWanted() || this.#next === requests.length) return true;
    if (this.#unwritten.length > 0) this.#isPaused = true;
    else turnShare.nextTurn(this.#goOn);
    return false;
  }

  write(hasRoom: () => boolean): boolean {
    while (this.#unwritten.length > 0) {
      if (!hasRoom()) return false;
      const first = this.#unwritten.shift();
      if (first !== undefined) this.#put(first.index, first.text());
    }
    if (this.#isPaused) this.#options.turnShare.nextTurn(this.#goOn);
    this.#isPaused = false;
    return true;
  }

  readonly #goOn = (): void => {
    if (this.start()) this.#options.onBegun();
  };

  readonly #isWanted = (): boolean => this.#length <= this.#options.maxBytes;

  #begin(index: number): void {
    const { requests, begin, pace } = this.#options;
    const mustWait = (answer: unknown): boolean =>
      !this.#isWanted() || this.#unwritten.length > 0 || pace.mustWait(answer);
    begin(requests[index], mustWait, (answer) => this.#take(index, answer));
  }

  #take(index: number, answer: string | (() => string) | undefined): void {
    if (!this.#isWanted()) return;
    this.#open--;
    if (typeof answer !== 'function') return this.#put(index, answer);
    if (this.#unwritten.push({ index, text: answer }) === 1) this.#options.pace.later(this);
  }

  #put(index: number, answer: string | undefined): void {
    const { pace, turnShare, onTooLarge, onAnswers } = this.#options;
    this.#answers[index] = answer;
    if (answer !== undefined) {
      this.#length += answer.length;
      turnShare.text.spend(answer.length + ANSWER_UNITS);
      pace.hold(answer.length);
    }
    if (this.#isWanted() && (this.#open > 0 || this.#unwritten.length > 0)) return;
    pace.hold(-this.#length);
    const answers = this.#answers.filter((text) => text !== undefined);
    this.#answers = [];
    this.#unwritten = [];
    if (this.#isWanted()) onAnswers(answers);
    else onTooLarge();
  }
}

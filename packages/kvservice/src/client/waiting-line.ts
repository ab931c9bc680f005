/**
 * A queue of waiters for one thing, in order. Each waiter may give up by itself, by abort or at its deadline, and is
 * skipped after that.
 */
import type { AbortWatch, Clock, Timer } from '@understudy/rpc';

/** How a wait can end without its result. */
export type GivingUp = 'TIMEOUT' | 'ABORTED' | 'CLOSED';

/** How long a waiter waits, and the error for it when that time is over. */
export interface Patience {
  readonly signal: AbortSignal | undefined;
  /** The deadline on the clock's `now()`; Infinity means for ever. */
  readonly deadlineMs: number;
  giveUp(how: GivingUp): Error;
}

/** A limit after which the wait ends by itself, with a value. */
export interface Limit<T> {
  readonly ms: number;
  readonly value: T;
}

/** The sources of time-outs and aborts. */
export interface WaitingParts {
  readonly clock: Clock;
  readonly aborts: AbortWatch;
}

export class WaitingLine<T> {
  readonly #parts: WaitingParts;
  #line: Waiter<T>[] = [];
  #head = 0;
  #length = 0;

  constructor(parts: WaitingParts) {
    this.#parts = parts;
  }

  /** The number of present waiters. */
  get length(): number {
    return this.#length;
  }

  wait(patience: Patience, limit?: Limit<T>): Promise<T> {
    if (patience.signal?.aborted) return Promise.reject(patience.giveUp('ABORTED'));
    const waiter = new Waiter(this.#parts, { patience, limit, leave: this.#leave });
    this.#length++;
    this.#line.push(waiter);
    return waiter.promise;
  }

  /** Gives the value to the first waiter. */
  serve(value: T): void {
    while (this.#head < this.#line.length) if (this.#line[this.#head++]?.serve(value)) return;
  }

  /** Gives the value to all present waiters. */
  serveAll(value: T): void {
    for (const waiter of this.#empty()) waiter.serve(value);
  }

  /** Rejects every waiter, with the given error, or with the waiter's own error for that reason. */
  dismiss(reason: GivingUp | Error): void {
    for (const waiter of this.#empty()) waiter.dismiss(reason);
  }

  #empty(): readonly Waiter<T>[] {
    const waiting = this.#line.slice(this.#head);
    this.#line = [];
    this.#head = 0;
    return waiting;
  }

  /** Waiters that have left keep their places until they are most of the queue. It is then rebuilt. */
  readonly #leave = (): void => {
    this.#length--;
    if (this.#line.length <= 2 * this.#length + 64) return;
    this.#line = this.#empty().filter((waiter) => waiter.waits);
  };
}

interface Wait<T> {
  readonly patience: Patience;
  readonly limit: Limit<T> | undefined;
  /** Called once, when the wait ends for any reason. */
  readonly leave: () => void;
}

class Waiter<T> {
  readonly promise: Promise<T>;
  readonly #wait: Wait<T>;
  readonly #timer: Timer | undefined;
  readonly #stopWatch: (() => void) | undefined;
  #resolve: (value: T) => void = nothing;
  #reject: (reason: Error) => void = nothing;
  #waits = true;

  constructor({ clock, aborts }: WaitingParts, wait: Wait<T>) {
    const { signal } = wait.patience;
    this.#wait = wait;
    this.#timer = this.#startTimer(clock);
    this.#stopWatch = signal && aborts.watch(signal, () => this.dismiss('ABORTED'));
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get waits(): boolean {
    return this.#waits;
  }

  serve(value: T): boolean {
    if (!this.#end()) return false;
    this.#resolve(value);
    return true;
  }

  dismiss(reason: GivingUp | Error): void {
    if (!this.#end()) return;
    this.#reject(reason instanceof Error ? reason : this.#wait.patience.giveUp(reason));
  }

  /** Starts one timer, for whichever ends first. */
  #startTimer(clock: Clock): Timer | undefined {
    const { patience, limit } = this.#wait;
    const patienceMs = patience.deadlineMs === Infinity ? Infinity : patience.deadlineMs - clock.now();
    if (limit !== undefined && limit.ms <= patienceMs) return clock.after(limit.ms, () => this.serve(limit.value));
    return patienceMs === Infinity ? undefined : clock.after(patienceMs, () => this.dismiss('TIMEOUT'));
  }

  #end(): boolean {
    if (!this.#waits) return false;
    this.#waits = false;
    this.#timer?.cancel();
    this.#stopWatch?.();
    this.#wait.leave();
    return true;
  }
}

function nothing(): void {}

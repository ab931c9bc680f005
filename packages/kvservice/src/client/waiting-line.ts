/** Those who wait for one thing, in order; each may give up by itself. */
import type { AbortWatch, Clock, Timer } from '@understudy/rpc';

/** How a wait can end without what was waited for. */
export type GivingUp = 'TIMEOUT' | 'ABORTED' | 'CLOSED';

/** How long somebody waits, and what to tell him when that is over. */
export interface Patience {
  readonly signal: AbortSignal | undefined;
  /** On the clock's `now()`; Infinity: for ever. */
  readonly deadlineMs: number;
  giveUp(how: GivingUp): Error;
}

/** A wait that is over by itself after some time, with a value. */
export interface Limit<T> {
  readonly ms: number;
  readonly value: T;
}

/** What ends waits from outside. */
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

  /** Those who still wait. */
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

  /** The first in line gets the value. */
  serve(value: T): void {
    while (this.#head < this.#line.length) if (this.#line[this.#head++]?.serve(value)) return;
  }

  /** All who wait now get the value. */
  serveAll(value: T): void {
    for (const waiter of this.#empty()) waiter.serve(value);
  }

  /** The wait of all is in vain; each is told by his own patience, or all the same. */
  dismiss(reason: GivingUp | Error): void {
    for (const waiter of this.#empty()) waiter.dismiss(reason);
  }

  #empty(): readonly Waiter<T>[] {
    const waiting = this.#line.slice(this.#head);
    this.#line = [];
    this.#head = 0;
    return waiting;
  }

  /** The ones gone keep their places until these are most of the line. */
  readonly #leave = (): void => {
    this.#length--;
    if (this.#line.length <= 2 * this.#length + 64) return;
    this.#line = this.#empty().filter((waiter) => waiter.waits);
  };
}

interface Wait<T> {
  readonly patience: Patience;
  readonly limit: Limit<T> | undefined;
  /** Called once, when the wait is over in whatever way. */
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

  /** One timer, for whichever comes first. */
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

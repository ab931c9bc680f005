/** Those who wait for one thing, in order; each may give up by itself. */
import type { Clock } from '@understudy/rpc';
import type { AbortWatch } from './abort-watch.ts';

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
    return new Promise((resolve, reject) => {
      const leave = () => this.#leave();
      this.#length++;
      this.#line.push(new Waiter({ ...this.#parts, patience, limit, resolve, reject, leave }));
    });
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
  #leave(): void {
    this.#length--;
    if (this.#line.length <= 2 * this.#length + 64) return;
    this.#line = this.#empty().filter((waiter) => waiter.waits);
  }
}

interface WaiterParts<T> extends WaitingParts {
  readonly patience: Patience;
  readonly limit: Limit<T> | undefined;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
  /** Called once, when the wait is over in whatever way. */
  readonly leave: () => void;
}

class Waiter<T> {
  readonly #parts: WaiterParts<T>;
  readonly #stopTimer: () => void;
  readonly #stopWatch: () => void;
  #waits = true;

  constructor(parts: WaiterParts<T>) {
    this.#parts = parts;
    this.#stopTimer = this.#startTimer();
    const { aborts, patience } = parts;
    this.#stopWatch =
      patience.signal === undefined ? nothing : aborts.watch(patience.signal, () => this.dismiss('ABORTED'));
  }

  get waits(): boolean {
    return this.#waits;
  }

  serve(value: T): boolean {
    if (!this.#end()) return false;
    this.#parts.resolve(value);
    return true;
  }

  dismiss(reason: GivingUp | Error): void {
    if (!this.#end()) return;
    this.#parts.reject(reason instanceof Error ? reason : this.#parts.patience.giveUp(reason));
  }

  /** One timer, for whichever comes first. */
  #startTimer(): () => void {
    const { clock, patience, limit } = this.#parts;
    const patienceMs = patience.deadlineMs === Infinity ? Infinity : patience.deadlineMs - clock.now();
    if (limit !== undefined && limit.ms <= patienceMs) {
      const timer = clock.after(limit.ms, () => this.serve(limit.value));
      return () => timer.cancel();
    }
    if (patienceMs === Infinity) return nothing;
    const timer = clock.after(Math.max(0, patienceMs), () => this.dismiss('TIMEOUT'));
    return () => timer.cancel();
  }

  #end(): boolean {
    if (!this.#waits) return false;
    this.#waits = false;
    this.#stopTimer();
    this.#stopWatch();
    this.#parts.leave();
    return true;
  }
}

function nothing(): void {}

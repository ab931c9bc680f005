/**
 * Virtual time: one queue of events for the whole world. Events run as fast as possible, each together with all
 * promises that it settles.
 */
import { EventHeap, type PlannedEvent } from './event-heap.ts';

// Taken when this module loads, because the guard may forbid the globals later.
const nextTick = process.nextTick;
const throughEventLoop = setImmediate;
/**
 * A callback chained to this runs after all promises that are settled by now. It costs half as much as
 * `queueMicrotask`, which records where it was called.
 */
const settled = Promise.resolve();

/**
 * The number of events between two visits to the real event loop. A visit lets real watchdogs fire, and reports
 * unhandled rejections.
 */
const EVENTS_PER_VISIT = 4_096;

/** All times are multiples of this many milliseconds (about a microsecond), so that their sums are exact. */
export const QUANTUM_MS = 2 ** -10;

export interface RunLimits {
  /** Virtual milliseconds after which the wait fails. Default 60,000. */
  readonly limitMs?: number;
  /** What is waited for, for the message of the failure. */
  readonly what?: string;
}

/** A condition that a caller waits for. The world runs while there is one. */
interface Goal {
  reached(): boolean;
  succeed(): void;
  fail(error: unknown): void;
  /** The event that fails the wait. It does not count as an event of the world. */
  limit: PlannedEvent | undefined;
}

export class VirtualClock {
  readonly #heap = new EventHeap();
  #now = 0;
  #events = 0;
  #turnBeganMs = 0;
  #turnSpanMs = 0;
  #turnEnds: (() => void)[] = [];
  #goals: Goal[] = [];
  #pumping = false;
  #limits = 0;
  readonly #describe: () => string;

  /** @param describe Describes the state of the world, for failure messages. */
  constructor(describe: () => string = () => '') {
    this.#describe = describe;
  }

  /** Virtual milliseconds since the start of the world. */
  get now(): number {
    return this.#now;
  }

  /** Counts the events that ran. The same number means the same event. */
  get events(): number {
    return this.#events;
  }

  /**
   * Events within this many milliseconds after a turn has begun still belong to it, because a busy event loop takes
   * what has arrived meanwhile before it reaches the end of its turn. Default 0: each event has a turn of its own. What
   * an event sends still leaves with that event, so another process may receive it before this turn ends.
   */
  set turnSpanMs(ms: number) {
    this.#turnSpanMs = ms;
  }

  /** The number of events still to happen. */
  get pending(): number {
    return this.#heap.size - this.#limits;
  }

  /** Plans an event at a time, now at the earliest. */
  at(time: number, run: () => void): PlannedEvent {
    return this.#heap.add(Math.max(this.#now, Math.ceil(time / QUANTUM_MS) * QUANTUM_MS), run);
  }

  cancel(event: PlannedEvent): void {
    this.#heap.cancel(event);
  }

  /** Runs `callback` at this time, after the present event and all its promises, and before the next event. */
  endOfTurn(callback: () => void): void {
    this.#turnEnds.push(callback);
  }

  /** Lets `ms` milliseconds pass. Within a run it is a sleep. */
  runFor(ms: number): Promise<void> {
    let over = false;
    this.at(this.#now + ms, () => {
      over = true;
    });
    return this.#pursue(() => over, undefined);
  }

  /** Runs until `predicate`, which is called after every turn, returns true. */
  runUntil(predicate: () => boolean, limits: RunLimits = {}): Promise<void> {
    return this.#pursue(predicate, limits);
  }

  /** Runs until the promise settles, and settles in the same way. */
  async runUntilSettled<T>(promise: PromiseLike<T>, limits: RunLimits = {}): Promise<T> {
    let settled = false;
    const note = () => {
      settled = true;
    };
    promise.then(note, note);
    await this.#pursue(() => settled, { what: 'a promise to settle', ...limits });
    return promise;
  }

  #pursue(reached: () => boolean, limits: RunLimits | undefined): Promise<void> {
    return new Promise((succeed, fail) => {
      const goal: Goal = { reached, succeed, fail, limit: undefined };
      if (limits !== undefined) this.#setLimit(goal, limits);
      this.#goals.push(goal);
      if (this.#pumping) return;
      this.#pumping = true;
      this.#hop();
    });
  }

  #setLimit(goal: Goal, { limitMs = 60_000, what = 'the condition' }: RunLimits): void {
    this.#limits++;
    goal.limit = this.at(this.#now + limitMs, () => {
      this.#limits--;
      goal.limit = undefined;
      this.#leave(goal);
      goal.fail(new Error(this.#explain(`waited ${limitMs} ms of virtual time in vain for ${what}`)));
    });
  }

  /** One step: the rest of the present turn, or else the next event. */
  readonly #pump = (): void => {
    try {
      if (this.#turnEnds.length > 0) this.#goOnWithTurn();
      else if (!this.#settleGoals()) this.#nextTurn();
    } catch (error) {
      this.#abandon(error);
    }
    if (this.#goals.length === 0) this.#pumping = false;
    else this.#hop();
  };

  /** Returns to the pump when no promise has work left: ticks run only after the last microtask. */
  #hop(): void {
    if (this.#events % EVENTS_PER_VISIT === 0) throughEventLoop(this.#pump);
    else void settled.then(this.#tick);
  }

  readonly #tick = (): void => nextTick(this.#pump);

  /** True if a goal was reached. Its waiter continues at this same time, before the next event. */
  #settleGoals(): boolean {
    let someReached = false;
    // `#leave` replaces the list, so this iterates over the previous one.
    for (const goal of this.#goals) {
      if (!goal.reached()) continue;
      someReached = true;
      this.#leave(goal);
      goal.succeed();
    }
    return someReached;
  }

  #leave(goal: Goal): void {
    this.#goals = this.#goals.filter((other) => other !== goal);
    if (goal.limit === undefined) return;
    this.#heap.cancel(goal.limit);
    goal.limit = undefined;
    this.#limits--;
  }

  /** Runs another event of this turn, or else the first of its end callbacks. */
  #goOnWithTurn(): void {
    if (this.#turnSpanMs > 0 && this.#heap.next <= this.#turnBeganMs + this.#turnSpanMs) this.#nextEvent();
    else this.#turnEnds.shift()?.();
  }

  #nextTurn(): void {
    this.#turnBeganMs = Math.max(this.#now, this.#heap.next);
    this.#nextEvent();
  }

  #nextEvent(): void {
    if (this.pending === 0) throw new Error(this.#explain('nothing is left to happen, and somebody still waits'));
    const event = this.#heap.take();
    if (event === undefined) return;
    this.#now = event.time;
    this.#events++;
    event.run();
  }

  #abandon(error: unknown): void {
    for (const goal of this.#goals) {
      this.#leave(goal);
      goal.fail(error);
    }
  }

  #explain(what: string): string {
    return `${what} (at ${this.#now.toFixed(3)} ms, ${this.pending} events to come)${this.#describe()}`;
  }
}

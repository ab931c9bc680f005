/** Virtual time: one queue of events for the whole world, run as fast as they can be, each with all that its promises set off. */
import { EventHeap, type PlannedEvent } from './event-heap.ts';

// Taken when this module loads: the guard may forbid the globals later.
const nextTick = process.nextTick;
const throughEventLoop = setImmediate;
/** What is chained to it comes after all promises that are through by now; half as dear as `queueMicrotask`, which notes where it was called. */
const settled = Promise.resolve();

/** Events between two visits to the real event loop, which lets real watchdogs fire and reports rejections nobody handled. */
const EVENTS_PER_VISIT = 4_096;

/** All times are multiples of this many milliseconds (about a microsecond): sums of them are exact. */
export const QUANTUM_MS = 2 ** -10;

export interface RunLimits {
  /** Virtual milliseconds after which the wait fails; 60,000 unless set. */
  readonly limitMs?: number;
  /** What is waited for, for the message of the failure. */
  readonly what?: string;
}

/** Somebody who waits for the world to get somewhere; the world moves while there is one. */
interface Goal {
  reached(): boolean;
  succeed(): void;
  fail(error: unknown): void;
  /** The wait ends here, in failure; no event of the world. */
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

  /** @param describe Says how the world stands, for messages of failure. */
  constructor(describe: () => string = () => '') {
    this.#describe = describe;
  }

  /** Virtual milliseconds since the start of the world. */
  get now(): number {
    return this.#now;
  }

  /** Counts the events that ran; the same number means the same event. */
  get events(): number {
    return this.#events;
  }

  /**
   * What happens within so many milliseconds after a turn has begun still belongs to it, as a busy event loop takes
   * what has come meanwhile before it looks at the ends of its turn. 0, unless set: each event has a turn of its own.
   * What is sent leaves with its event all the same: another process may have it before this turn ends.
   */
  set turnSpanMs(ms: number) {
    this.#turnSpanMs = ms;
  }

  /** Events that are still to happen. */
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

  /** Runs `callback` at this time, once the present event and all its promises are through, before the next event. */
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

  /** Runs until `predicate`, asked after every turn, says true. */
  runUntil(predicate: () => boolean, limits: RunLimits = {}): Promise<void> {
    return this.#pursue(predicate, limits);
  }

  /** Runs until the promise is settled, and settles alike. */
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

  /** One step: what is left of the present turn, else the next event. */
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

  /** Comes back to the pump when no promise has anything left to do: ticks run only after the last of the microtasks. */
  #hop(): void {
    if (this.#events % EVENTS_PER_VISIT === 0) throughEventLoop(this.#pump);
    else void settled.then(this.#tick);
  }

  readonly #tick = (): void => nextTick(this.#pump);

  /** True when somebody got what it waited for: it is to go on at this very time, before the next event. */
  #settleGoals(): boolean {
    let someReached = false;
    // `#leave` replaces the list, so this walks over the one of before.
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

  /** Another event of this turn, or else the first of its ends. */
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

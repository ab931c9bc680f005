/**
 * The search for a linearization of one key's history: Wing and Gong's, with Lowe's memory of what was tried.
 *
 * Operations take effect as late as they can: at a return, and then only those that its operation needs. Sources: J. M. Wing, C. Gong, Testing
 * and verifying concurrent objects, JPDC 17 (1993); G. Lowe, Testing for linearizability, Concurrency and Computation 29 (2017), sections
 * 4 (memory) and 6 (just-in-time). Cut short where that changes no verdict; docs/CHECKING.md says why it does not.
 */
import type { Budget } from './budget.ts';
import { type Configuration, Visited } from './configuration.ts';
import { Demands } from './demand.ts';
import type { Scalar } from './history.ts';
import { ABSENT, IMPOSSIBLE, Model, UNOBSERVED } from './model.ts';
import { ObservedValues } from './observed-values.ts';
import { type Operation, textOf } from './operation.ts';
import { type Entry, type Timetable, timetable } from './timetable.ts';

export type Verdict = 'linearizable' | 'violation' | 'undecided';

/** Of operations on one key, in any order. */
export function search(operations: readonly Operation[], init: Scalar, budget: Budget): Verdict {
  return new Search(operations, init, budget).run();
}

/** What is still to be tried at one step. */
interface Agenda {
  readonly visited: Visited;
  /** Configurations in which the target is to take effect next; first those that took the fewest operations to get here. */
  readonly direct: Queue;
  /** Configurations in which another operation is to come before it. */
  readonly detours: Queue;
}

class Search {
  readonly #timetable: Timetable;
  readonly #model: Model;
  readonly #demands: Demands;
  readonly #budget: Budget;
  readonly #agendas: (Agenda | undefined)[] = [];
  readonly #classes = new Map<Entry, string>();
  /** The furthest step that has something to try. */
  #step = 0;
  #verdict: Verdict | undefined;

  constructor(operations: readonly Operation[], init: Scalar, budget: Budget) {
    this.#timetable = timetable(operations);
    this.#model = new Model(init, new ObservedValues(operations));
    this.#demands = new Demands(this.#model, this.#timetable, textOf(init));
    this.#budget = budget;
  }

  /** Depth first: what got furthest goes on first. */
  run(): Verdict {
    this.#enter(0, { state: ABSENT, mutators: 0n, observers: 0n, taken: 0n });
    while (this.#verdict === undefined) {
      if (this.#step < 0) return 'violation';
      if (!this.#budget.spendStep()) return 'undecided';
      const agenda = this.#agendas[this.#step];
      const direct = agenda?.direct.take();
      const detour = direct === undefined ? agenda?.detours.take() : undefined;
      if (direct !== undefined) this.#direct(this.#step, direct);
      else if (detour !== undefined) this.#detour(this.#step, detour);
      else this.#step -= 1;
    }
    return this.#verdict;
  }

  #direct(step: number, configuration: Configuration): void {
    const target = this.#timetable.steps[step]?.target;
    if (target !== undefined && !target.isObserver) this.#apply(step, configuration, target);
    this.#agenda(step).detours.add(configuration);
  }

  /** Of operations that do the same, the one that returns first goes first: whatever another would allow, it allows too. */
  #detour(step: number, configuration: Configuration): void {
    const { target, mutators, lasting } = this.#stepAt(step);
    const tried = new Set<string>();
    for (const entry of mutators) {
      if (entry === target || (configuration.mutators & entry.bit) !== 0n || tried.has(this.#classOf(entry))) continue;
      tried.add(this.#classOf(entry));
      this.#apply(step, configuration, entry);
    }
    for (const entry of this.#timetable.lasting.slice(0, lasting)) {
      if ((configuration.taken & entry.bit) !== 0n || tried.has(this.#classOf(entry))) continue;
      tried.add(this.#classOf(entry));
      this.#apply(step, configuration, entry);
    }
  }

  #apply(step: number, { state, mutators, observers, taken }: Configuration, entry: Entry): void {
    const next = this.#model.apply(entry.operation.action, state);
    const lasts = entry.step === Number.POSITIVE_INFINITY;
    if (next === IMPOSSIBLE || (lasts && next === state)) return;
    const done = lasts
      ? { state: next, mutators, observers, taken: taken | entry.bit }
      : { state: next, mutators: mutators | entry.bit, observers, taken };
    if (this.#leaves(state, next) && this.#demands.isLost(state, step, done)) return;
    this.#enter(step, next === state ? done : this.#observe(done, this.#stepAt(step).observers));
  }

  /** Whether what `state` reads as is gone in `next`. */
  #leaves(state: number, next: number): boolean {
    if (state === next || state === UNOBSERVED) return false;
    return next === UNOBSERVED || this.#model.textAt(state) !== this.#model.textAt(next);
  }

  /** Observers take effect as soon as they can: that costs nothing. */
  #observe(configuration: Configuration, entries: readonly Entry[]): Configuration {
    let { observers } = configuration;
    for (const { operation, bit } of entries) {
      if ((observers & bit) === 0n && this.#model.apply(operation.action, configuration.state) !== IMPOSSIBLE)
        observers |= bit;
    }
    return observers === configuration.observers ? configuration : { ...configuration, observers };
  }

  /** Goes on to the first step whose target has not taken effect, and notes what is to be done there. */
  #enter(from: number, configuration: Configuration): void {
    let current = configuration;
    let step = from;
    for (; step < this.#timetable.steps.length; step++) {
      const { target, arrivals } = this.#stepAt(step);
      if (step > from || from === 0) current = this.#observe(current, arrivals);
      const done = target.isObserver ? current.observers : current.mutators;
      if ((done & target.bit) === 0n) break;
      current = target.isObserver
        ? { ...current, observers: current.observers & ~target.bit }
        : { ...current, mutators: current.mutators & ~target.bit };
    }
    if (step === this.#timetable.steps.length) {
      this.#verdict = 'linearizable';
      return;
    }
    const agenda = this.#agenda(step);
    if (!agenda.visited.add(current)) return;
    if (!this.#budget.spendState()) this.#verdict = 'undecided';
    agenda.direct.add(current);
    this.#step = Math.max(this.#step, step);
  }

  #classOf(entry: Entry): string {
    const known = this.#classes.get(entry);
    if (known !== undefined) return known;
    const { action } = entry.operation;
    const same = action.kind === 'put' ? `put ${this.#model.stateOf(action.value)}` : JSON.stringify(action);
    this.#classes.set(entry, same);
    return same;
  }

  #agenda(step: number): Agenda {
    return (this.#agendas[step] ??= { visited: new Visited(), direct: new Queue(), detours: new Queue() });
  }

  #stepAt(step: number): Timetable['steps'][number] {
    const found = this.#timetable.steps[step];
    if (found === undefined) throw new Error(`there is no step ${step}`);
    return found;
  }
}

/** First in, first out. */
class Queue {
  #items: Configuration[] = [];
  #taken = 0;

  add(configuration: Configuration): void {
    this.#items.push(configuration);
  }

  take(): Configuration | undefined {
    const item = this.#items[this.#taken];
    if (item === undefined) return undefined;
    this.#taken += 1;
    if (this.#taken === this.#items.length) {
      this.#items = [];
      this.#taken = 0;
    }
    return item;
  }
}

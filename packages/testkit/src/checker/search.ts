/** The search for a linearization of one key's history: Wing and Gong's, with Lowe's memory of what was tried. */
import { type Agenda, newAgenda } from './agenda.ts';
import type { Budget } from './budget.ts';
import type { Configuration } from './configuration.ts';
import { Demands } from './demand.ts';
import type { Scalar } from './history.ts';
import { ABSENT, EXTENDED, IMPOSSIBLE, isUnobserved, Model, SOME_HASH } from './model.ts';
import { ObservedValues } from './observed-values.ts';
import { type Operation, textOf } from './operation.ts';
import { type Entry, type Step, type Timetable, timetable } from './timetable.ts';

export type Verdict = 'linearizable' | 'violation' | 'undecided';

export interface Task {
  /** Of one key, in any order. */
  readonly operations: readonly Operation[];
  readonly init: Scalar;
  readonly budget: Budget;
  /** Whether the key may hold anything at first. */
  readonly anyStart?: boolean;
  /**
   * What to do where a value is hashed that the search has not kept. `refuse`: do not go there; then a violation is none for certain.
   * `guess`: take the hash for any value that matters; then a linearization is none for certain. `know`: keep all values.
   * `any`: hashes that never return may give whatever is wanted, as often as they like; then too a linearization is
   * none for certain.
   */
  readonly hashes: 'refuse' | 'guess' | 'know' | 'any';
  /** Values to keep though no output names them. With `refuse`, what is wanted is sought only where they lead. */
  readonly unseen?: ReadonlySet<string> | undefined;
  /** Collects what the key may hold from the time `from` on; and then the search does not end with a linearization. */
  readonly watch?: { readonly from: number; readonly values: Set<Scalar> };
}

/**
 * Operations take effect as late as they can: at a return, and then only those that its operation needs. Sources: J. M. Wing, C. Gong,
 * Testing and verifying concurrent objects, JPDC 17 (1993); G. Lowe, Testing for linearizability, Concurrency and Computation 29 (2017).
 * Cut short where that changes no verdict: docs/CHECKING.md says where, and why it does not.
 */
export class Search {
  readonly #task: Task;
  readonly #timetable: Timetable;
  readonly #model: Model;
  readonly #starts: readonly number[];
  readonly #demands: Demands;
  readonly #agendas: (Agenda | undefined)[] = [];
  /** Since when a hash may give whatever is wanted. */
  readonly #anyHashFrom: number;
  readonly #classes = new Map<Entry, string>();
  /** The furthest step that has something to try. */
  #step = 0;
  #verdict: Verdict | undefined;
  #refused = false;

  constructor(task: Task) {
    const { init } = task;
    const operations = task.hashes === 'any' ? task.operations.filter((it) => !isLastingHash(it)) : task.operations;
    this.#anyHashFrom = task.hashes === 'any' ? firstHash(task.operations) : Number.POSITIVE_INFINITY;
    const observed = new ObservedValues(operations, task.hashes === 'know', task.unseen);
    this.#task = task;
    this.#timetable = timetable(operations);
    this.#model = new Model(init, observed);
    this.#starts = task.anyStart
      ? [ABSENT, EXTENDED, ...observed.starts().map((it) => this.#model.stateOf(it))]
      : [ABSENT];
    this.#demands = new Demands(this.#model, this.#timetable, {
      absent: textOf(init),
      unseen: this.#refuses ? task.unseen : undefined,
      anyHash: this.#anyHashFrom < Number.POSITIVE_INFINITY,
    });
  }

  /** Whether there was something that it did not try. */
  get refused(): boolean {
    return this.#refused;
  }

  /** When the operation returned that no way led beyond. */
  get furthest(): number {
    return this.#timetable.steps[this.#agendas.length - 1]?.end ?? Number.NEGATIVE_INFINITY;
  }

  /** Depth first: what got furthest goes on first. */
  run(): Verdict {
    for (const state of this.#starts) this.#enter(0, { state, mutators: 0n, observers: 0n, taken: 0n });
    while (this.#verdict === undefined) {
      if (this.#step < 0) return 'violation';
      if (!this.#task.budget.spendStep()) return 'undecided';
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
    const { target } = this.#stepAt(step);
    if (!target.isObserver) this.#apply(step, configuration, target);
    this.#agendaAt(step).detours.add(configuration);
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
    for (let at = 0; at < lasting; at++) {
      const entry = this.#timetable.lasting[at];
      if (entry === undefined || (configuration.taken & entry.bit) !== 0n || tried.has(this.#classOf(entry))) continue;
      tried.add(this.#classOf(entry));
      this.#apply(step, configuration, entry);
    }
    if (this.#stepAt(step).end >= this.#anyHashFrom) this.#hash(step, configuration);
  }

  /** Lets a hash give each value that is wanted here; or another one, when what there is is in the way. */
  #hash(step: number, configuration: Configuration): void {
    const { mutators, observers } = this.#stepAt(step);
    const wanted = this.#demands.hashesWanted([...mutators, ...observers], configuration);
    const others = this.#isInTheWay(step, configuration) ? [EXTENDED] : [];
    for (const state of new Set([...wanted, ...this.#model.leadingHashes(), ...others])) {
      this.#task.budget.spendStep();
      if (state === configuration.state) continue;
      const done = { ...configuration, state };
      if (this.#leaves(configuration.state, state) && this.#demands.isLost(configuration.state, step, done)) continue;
      this.#enter(step, this.#observe(done, this.#stepAt(step).observers));
    }
  }

  #apply(step: number, configuration: Configuration, entry: Entry): void {
    this.#task.budget.spendStep();
    const next = this.#model.apply(entry.operation.action, configuration.state);
    if (next === SOME_HASH && !this.#refuses) {
      for (const hash of this.#model.someHashes()) this.#arrive(step, configuration, entry, hash);
    } else if (next === SOME_HASH) this.#refused = true;
    else if (next !== IMPOSSIBLE) this.#arrive(step, configuration, entry, next);
  }

  #arrive(step: number, { state, mutators, observers, taken }: Configuration, entry: Entry, next: number): void {
    const lasts = entry.step === Number.POSITIVE_INFINITY;
    if (lasts && next === state) return;
    const before = { state, mutators, observers, taken };
    const done = lasts
      ? { state: next, mutators, observers, taken: taken | entry.bit }
      : { state: next, mutators: mutators | entry.bit, observers, taken };
    if ((lasts && !this.#mayHelp(step, before, entry, next)) || this.#loses(step, before, entry, done)) {
      this.#refused ||= this.#refuses && this.#demands.hasHashers;
      return;
    }
    this.#enter(step, next === state ? done : this.#observe(done, this.#stepAt(step).observers));
  }

  get #refuses(): boolean {
    return this.#task.hashes === 'refuse';
  }

  /** Whether something that is still wanted can no more be had, when `entry` takes effect. */
  #loses(step: number, { state }: Configuration, { operation: { action } }: Entry, done: Configuration): boolean {
    if (this.#leaves(state, done.state) && this.#demands.isLost(state, step, done)) return true;
    return action.kind === 'append' && this.#demands.isWasted(action.value, step, done);
  }

  /** Whether it may help to let an operation that never returns take effect now, and to make `next` of the state. */
  #mayHelp(step: number, configuration: Configuration, { operation: { action } }: Entry, next: number): boolean {
    if (
      this.#task.hashes === 'guess' ||
      this.#task.hashes === 'know' ||
      action.kind === 'cas' ||
      action.kind === 'delete'
    )
      return true;
    const isSought = this.#demands.isWanted(next, step, configuration) || this.#model.leads(next);
    if (!isUnobserved(next) && isSought) return true;
    return this.#model.mayBeDenied(action) || this.#isInTheWay(step, configuration);
  }

  /** Whether an operation under way says that the key did not hold what it holds. */
  #isInTheWay(step: number, { state, mutators, observers }: Configuration): boolean {
    const at = this.#stepAt(step);
    const isDenied = ({ operation: { action }, bit }: Entry) =>
      (observers & bit) === 0n && action.kind === 'cas' && this.#model.apply(action, state) === IMPOSSIBLE;
    const isMissing = ({ operation: { action }, bit }: Entry) => (mutators & bit) === 0n && action.kind === 'delete';
    return at.observers.some(isDenied) || (state === ABSENT && at.mutators.some(isMissing));
  }

  /** Whether what `state` reads as is gone in `next`. */
  #leaves(state: number, next: number): boolean {
    if (state === next || isUnobserved(state)) return false;
    return isUnobserved(next) || this.#model.textAt(state) !== this.#model.textAt(next);
  }

  /** Observers take effect as soon as they can: that costs nothing. */
  #observe(configuration: Configuration, entries: readonly Entry[]): Configuration {
    let { observers } = configuration;
    for (const { operation, bit } of entries) {
      if ((observers & bit) !== 0n) continue;
      if (this.#model.apply(operation.action, configuration.state) !== IMPOSSIBLE) observers |= bit;
    }
    return observers === configuration.observers ? configuration : { ...configuration, observers };
  }

  /** Goes on to the first step whose target has not taken effect, and notes what is to be done there. */
  #enter(from: number, configuration: Configuration): void {
    let current = configuration;
    let step = from;
    for (; step < this.#timetable.steps.length; step++) {
      const { target, arrivals, end } = this.#stepAt(step);
      this.#watch(end, current.state);
      if (step > from || from === 0) current = this.#observe(current, arrivals);
      const done = target.isObserver ? current.observers : current.mutators;
      if ((done & target.bit) === 0n) return this.#note(step, current);
      current = target.isObserver
        ? { ...current, observers: current.observers & ~target.bit }
        : { ...current, mutators: current.mutators & ~target.bit };
    }
    this.#watch(Number.POSITIVE_INFINITY, current.state);
    if (this.#task.watch === undefined) this.#verdict = 'linearizable';
  }

  #note(step: number, configuration: Configuration): void {
    const agenda = this.#agendaAt(step);
    if (!agenda.visited.add(configuration, this.#task.budget)) return;
    if (!this.#task.budget.spendState()) this.#verdict = 'undecided';
    agenda.direct.add(configuration);
    this.#step = Math.max(this.#step, step);
  }

  #watch(end: number, state: number): void {
    const { watch } = this.#task;
    if (watch !== undefined && end >= watch.from) watch.values.add(this.#model.valueAt(state));
  }

  #classOf(entry: Entry): string {
    const known = this.#classes.get(entry);
    if (known !== undefined) return known;
    const { action } = entry.operation;
    const same = action.kind === 'put' ? `put ${this.#model.stateOf(action.value)}` : JSON.stringify(action);
    this.#classes.set(entry, same);
    return same;
  }

  #agendaAt(step: number): Agenda {
    return (this.#agendas[step] ??= newAgenda());
  }

  #stepAt(step: number): Step {
    const found = this.#timetable.steps[step];
    if (found === undefined) throw new RangeError(`there is no step ${step}`);
    return found;
  }
}

function isLastingHash({ action, end }: Operation): boolean {
  return action.kind === 'putHash' && end === Number.POSITIVE_INFINITY;
}

function firstHash(operations: readonly Operation[]): number {
  const calls = operations.filter(isLastingHash).map(({ call }) => call);
  return calls.reduce((first, call) => Math.min(first, call), Number.POSITIVE_INFINITY);
}

/**
 * Searches for a linearization of one key's history: Wing and Gong's algorithm, with Lowe's memory of visited states.
 */
import { type Agenda, newAgenda } from './agenda.ts';
import type { Budget } from './budget.ts';
import type { Configuration } from './configuration.ts';
import { Demands } from './demand.ts';
import type { Scalar } from './history.ts';
import { firstHash, isLastingHash, LastingOperations, type OperationClass } from './lasting-operations.ts';
import { ABSENT, EXTENDED, IMPOSSIBLE, isUnobserved, Model, SOME_HASH } from './model.ts';
import { ObservedValues } from './observed-values.ts';
import { type Operation, textOf } from './operation.ts';
import { RowsAhead } from './rows-ahead.ts';
import { type Entry, type Step, type Timetable, timetable } from './timetable.ts';
import type { UnseenRows } from './unseen-hashes.ts';

export type Verdict = 'linearizable' | 'violation' | 'undecided';

export interface Task {
  /** The operations of one key, in any order. */
  readonly operations: readonly Operation[];
  readonly init: Scalar;
  readonly budget: Budget;
  /** Whether the key may hold any value at first. */
  readonly anyStart?: boolean;
  /**
   * What to do when a value is hashed that the search has not kept. `refuse`: do not go there; a violation is
   * uncertain. `guess`: the hash may be any value that matters; a linearization is uncertain. `know`: keep all values.
   * `any`: hashes that never return may give any wanted value, any number of times; a linearization is uncertain.
   */
  readonly hashes: 'refuse' | 'guess' | 'know' | 'any';
  /** Values to keep although no output names them. With `refuse`, wanted values are sought only where these lead. */
  readonly unseen?: UnseenRows | undefined;
  /** Collects values that the key may hold from `from` on. The search then does not end with a linearization. */
  readonly watch?: { readonly from: number; readonly values: Set<Scalar> };
}

/**
 * Operations take effect as late as possible: at a return, and then only those that its operation needs. Sources: J. M.
 * Wing, C. Gong, Testing and verifying concurrent objects, JPDC 17 (1993); G. Lowe, Testing for linearizability,
 * Concurrency and Computation 29 (2017). docs/CHECKING.md lists the shortcuts, and why they change no verdict.
 */
export class Search {
  readonly #task: Task;
  readonly #timetable: Timetable;
  readonly #model: Model;
  readonly #starts: readonly number[];
  readonly #demands: Demands;
  readonly #agendas: (Agenda | undefined)[] = [];
  /** The time from which a hash may give any wanted value. */
  readonly #anyHashFrom: number;
  readonly #classes = new Map<Entry, string>();
  readonly #lasting: LastingOperations;
  /** Only with `refuse`. */
  readonly #rows: RowsAhead | undefined;
  /** The furthest step that has something to try. */
  #step = 0;
  #verdict: Verdict | undefined;
  #refused = false;
  #stuckSince = 0;

  constructor(task: Task) {
    const { init } = task;
    const operations = task.hashes === 'any' ? task.operations.filter((it) => !isLastingHash(it)) : task.operations;
    this.#anyHashFrom = task.hashes === 'any' ? firstHash(task.operations) : Number.POSITIVE_INFINITY;
    const unseen = new Set(task.unseen?.keys());
    const observed = new ObservedValues(operations, task.hashes === 'know', unseen);
    this.#task = task;
    this.#timetable = timetable(operations);
    this.#model = new Model(init, observed);
    this.#rows = this.#refuses ? new RowsAhead(operations, textOf(init), observed, task.unseen) : undefined;
    this.#lasting = new LastingOperations(this.#timetable.lasting, (entry) => this.#classOf(entry));
    this.#starts = task.anyStart
      ? [ABSENT, EXTENDED, ...observed.starts().map((it) => this.#model.stateOf(it))]
      : [ABSENT];
    this.#demands = new Demands(this.#model, this.#timetable, {
      absent: textOf(init),
      unseen: this.#refuses ? unseen : undefined,
      anyHash: this.#anyHashFrom < Number.POSITIVE_INFINITY,
    });
    for (const state of this.#starts) this.#enter(0, { state, mutators: 0n, observers: 0n, taken: 0n });
  }

  /** Whether the search left something untried. */
  get refused(): boolean {
    return this.#refused;
  }

  /** The return time of the operation that no branch got past. */
  get furthest(): number {
    return this.#timetable.steps[this.#agendas.length - 1]?.end ?? Number.NEGATIVE_INFINITY;
  }

  /** Steps spent since the search last got further than ever before. */
  get stuckFor(): number {
    return this.#task.budget.stepsSpent - this.#stuckSince;
  }

  /**
   * Depth first: the configuration that got furthest continues first.
   *
   * @param pause When this returns true, `run` returns undefined, and the search continues at the next call.
   */
  run(): Verdict;
  run(pause: () => boolean): Verdict | undefined;
  run(pause: () => boolean = () => false): Verdict | undefined {
    while (this.#verdict === undefined) {
      if (this.#step < 0) return 'violation';
      if (!this.#task.budget.spendStep()) return 'undecided';
      if (pause()) return undefined;
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

  /** Of operations that do the same, the one that returns first goes first: it allows all that the others allow. */
  #detour(step: number, configuration: Configuration): void {
    const { target, mutators, end } = this.#stepAt(step);
    const hashesHelp = this.#hashesHelp(step, configuration);
    const tried = new Set<string>();
    for (const entry of mutators) {
      if (entry === target || (configuration.mutators & entry.bit) !== 0n || tried.has(this.#classOf(entry))) continue;
      tried.add(this.#classOf(entry));
      this.#apply(step, configuration, entry);
    }
    this.#task.budget.spendStep(this.#lasting.effort);
    const isOfUse = ({ name, kind }: OperationClass) => !tried.has(name) && (hashesHelp || kind !== 'putHash');
    for (const entry of this.#lasting.first(configuration.taken, end, isOfUse)) this.#apply(step, configuration, entry);
    if (end >= this.#anyHashFrom) this.#hash(step, configuration);
  }

  /** Lets a hash give each wanted value, or another value if the present one is in the way. */
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
      this.#task.budget.spendStep(this.#model.someHashes().length / HASHES_A_STEP);
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

  /** Whether a value that is still needed becomes unreachable when `entry` takes effect. */
  #loses(step: number, { state }: Configuration, { operation: { action } }: Entry, done: Configuration): boolean {
    if (this.#leaves(state, done.state) && this.#demands.isLost(state, step, done)) return true;
    return action.kind === 'append' && this.#demands.isWasted(action.value, step, done);
  }

  /** Whether it may help to hash the present value. */
  #hashesHelp(step: number, configuration: Configuration): boolean {
    if (this.#rows === undefined || !this.#demands.hasHashers || this.#leads(configuration.state, step)) return true;
    if (this.#model.mayHashBeDenied || this.#isInTheWay(step, configuration)) return true;
    this.#refused = true;
    return false;
  }

  /** Whether an operation may turn the state into another one that matters; with `refuse`: soon. */
  #leads(state: number, step: number): boolean {
    return this.#model.leads(state) && this.#rows?.lead(this.#model.textAt(state), this.#stepAt(step)) !== false;
  }

  /** Whether it helps that an operation that never returns takes effect now and changes the state to `next`. */
  #mayHelp(step: number, configuration: Configuration, { operation: { action } }: Entry, next: number): boolean {
    if (
      this.#task.hashes === 'guess' ||
      this.#task.hashes === 'know' ||
      action.kind === 'cas' ||
      action.kind === 'delete'
    )
      return true;
    const isSought = this.#demands.isWanted(next, step, configuration) || this.#leads(next, step);
    if (!isUnobserved(next) && isSought) return true;
    return this.#model.mayBeDenied(action) || this.#isInTheWay(step, configuration);
  }

  /** Whether an operation under way cannot take effect here, or would make a change that it must not make. */
  #isInTheWay(step: number, { state, mutators, observers }: Configuration): boolean {
    const at = this.#stepAt(step);
    const isDenied = ({ operation: { action }, bit }: Entry) =>
      (observers & bit) === 0n && action.kind === 'cas' && this.#model.apply(action, state) === IMPOSSIBLE;
    const isDisturbed = ({ operation: { action }, bit }: Entry) => {
      if ((mutators & bit) !== 0n) return false;
      if (action.kind === 'delete') return state === ABSENT;
      return action.kind === 'cas' && action.output === undefined && this.#model.apply(action, state) !== state;
    };
    return at.observers.some(isDenied) || at.mutators.some(isDisturbed);
  }

  /** Whether the value of `state` is gone in `next`. */
  #leaves(state: number, next: number): boolean {
    if (state === next || isUnobserved(state)) return false;
    return isUnobserved(next) || this.#model.textAt(state) !== this.#model.textAt(next);
  }

  /** Observers take effect as soon as possible, because that costs nothing. */
  #observe(configuration: Configuration, entries: readonly Entry[]): Configuration {
    let { observers } = configuration;
    for (const { operation, bit } of entries) {
      if ((observers & bit) !== 0n) continue;
      if (this.#model.apply(operation.action, configuration.state) !== IMPOSSIBLE) observers |= bit;
    }
    return observers === configuration.observers ? configuration : { ...configuration, observers };
  }

  /** Continues to the first step whose target has not taken effect, and adds the configuration to its agenda. */
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
    if (step >= this.#agendas.length) this.#stuckSince = this.#task.budget.stepsSpent;
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

/** This many hashes take as long as one attempt of an operation. */
const HASHES_A_STEP = 4;

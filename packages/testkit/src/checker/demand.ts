/** Who still has to see a value, and who could still bring it about: a value that is wanted and cannot return must not be left. */

import type { Configuration } from './configuration.ts';
import { isUnobserved, type Model } from './model.ts';
import { HASH } from './observed-values.ts';
import { type Action, hashed, textOf } from './operation.ts';
import type { Entry, Timetable } from './timetable.ts';

/** For one value, as text: values that are the same as texts are taken together, which only makes the verdict more careful. */
interface Demand {
  /** Operations that can only have given their output at this value, by step. */
  readonly observers: readonly Entry[];
  /** Operations that may bring it about, by step. */
  readonly producers: readonly Entry[];
}

const NONE: readonly Entry[] = [];

interface Assumptions {
  /** What an absent key reads as. */
  readonly absent: string;
  /** When given: of texts that have other producers, only these may be made by a `putHash` of unknown outcome. */
  readonly unseen?: ReadonlySet<string> | undefined;
  /** Whether any hash can always be made. */
  readonly anyHash?: boolean;
}

export class Demands {
  readonly #model: Model;
  readonly #timetable: Timetable;
  readonly #absent: string;
  readonly #observers = new Map<string, Entry[]>();
  readonly #producers = new Map<string, Entry[]>();
  /** By what they append; and how long that may be. */
  readonly #appends = new Map<string, Entry[]>();
  readonly #appendLengths = new Set<number>();
  readonly #hashers: Entry[] = [];
  /** By what is appended: the texts that somebody wants and that it is a part of. */
  readonly #wholes = new Map<string, Set<string>>();
  readonly #orderedObservers = new Map<string, readonly Entry[]>();
  readonly #orderedProducers = new Map<string, readonly Entry[]>();
  readonly #unseen: ReadonlySet<string> | undefined;
  readonly #anyHash: boolean;
  readonly #demands = new Map<number, Demand>();

  constructor(model: Model, timetable: Timetable, { absent, unseen, anyHash = false }: Assumptions) {
    this.#model = model;
    this.#timetable = timetable;
    this.#absent = absent;
    this.#unseen = unseen;
    this.#anyHash = anyHash;
    for (const entry of timetable.entries) {
      const { action } = entry.operation;
      const wanted = wantedText(action, absent);
      if (wanted !== undefined) add(this.#observers, wanted, entry);
      this.#addProducer(action, entry);
    }
    for (const text of this.#observers.keys()) this.#addParts(text, text, MOST_PARTS);
  }

  /** Whether an append that has taken effect where it does not belong leaves something that is wanted out of reach. */
  isWasted(append: string, step: number, next: Configuration): boolean {
    const texts = this.#wholes.get(append);
    if (texts === undefined || texts.size > MOST_WHOLES) return false;
    return [...texts].some((text) => {
      const isWanted = this.#anyLeft(this.#observersOf(text), step, next);
      return isWanted && !this.#isWithinReach(text, step, next, MOST_PARTS);
    });
  }

  /** `parts`: so many appends are looked back at. */
  #isWithinReach(text: string, step: number, next: Configuration, parts: number): boolean {
    if (parts === 0 || text === this.#absent || (this.#anyHash && HASH.test(text))) return true;
    if (!isUnobserved(next.state) && this.#model.textAt(next.state) === text) return true;
    return this.#producersInOrder(text).some((entry) => {
      if (!this.#anyLeft([entry], step, next)) return false;
      const { action } = entry.operation;
      if (action.kind !== 'append' || action.value === '') return true;
      return this.#isWithinReach(text.slice(0, text.length - action.value.length), step, next, parts - 1);
    });
  }

  /** Notes of what appends `whole` may consist. */
  #addParts(whole: string, text: string, parts: number): void {
    for (const length of parts === 0 ? [] : this.#appendLengths) {
      if (length === 0 || length > text.length) continue;
      const end = text.slice(text.length - length);
      if (!this.#appends.has(end)) continue;
      const known = this.#wholes.get(end);
      if (known?.has(whole) === true) continue;
      if (known === undefined) this.#wholes.set(end, new Set([whole]));
      else known.add(whole);
      this.#addParts(whole, text.slice(0, text.length - length), parts - 1);
    }
  }

  #observersOf(text: string): readonly Entry[] {
    return memo(this.#orderedObservers, text, () => inOrder(this.#observers.get(text) ?? NONE));
  }

  #producersInOrder(text: string): readonly Entry[] {
    return memo(this.#orderedProducers, text, () => this.#producersOf(text));
  }

  /** Whether a `putHash` has an outcome that is not known. */
  get hasHashers(): boolean {
    return this.#hashers.length > 0;
  }

  /** Whether a search that leaves `state` at `step` and goes on from `next` is lost. */
  isLost(state: number, step: number, next: Configuration): boolean {
    const { observers, producers } = this.#demandOf(state);
    if (this.#anyHash && HASH.test(this.#model.textAt(state))) return false;
    return this.#anyLeft(observers, step, next) && !this.#anyLeft(producers, step, next);
  }

  /** The states that `entries` want, those that have not taken effect, where these are hashes. */
  hashesWanted(entries: readonly Entry[], { mutators, observers }: Configuration): readonly number[] {
    return entries.flatMap((entry) => {
      if (((entry.isObserver ? observers : mutators) & entry.bit) !== 0n) return [];
      const text = wantedText(entry.operation.action, this.#absent);
      return text !== undefined && HASH.test(text) ? this.#model.stateOf(text) : [];
    });
  }

  /**
   * Whether an operation that is under way at `step` can only have given its output at `state`, and is still to take
   * effect.
   */
  isWanted(state: number, step: number, configuration: Configuration): boolean {
    const end = this.#timetable.steps[step]?.end ?? Number.POSITIVE_INFINITY;
    const { observers } = this.#demandOf(state);
    for (let at = observers.length - 1; at >= 0; at--) {
      const entry = observers[at] as Entry;
      if (entry.step < step) return false;
      if (entry.operation.call > end) continue;
      const done = entry.isObserver ? configuration.observers : configuration.mutators;
      if (entry.step === Number.POSITIVE_INFINITY || (done & entry.bit) === 0n) return true;
    }
    return false;
  }

  #addProducer(action: Action, entry: Entry): void {
    switch (action.kind) {
      case 'get':
        return;
      case 'put':
        return add(this.#producers, textOf(action.value), entry);
      case 'append':
        this.#appendLengths.add(action.value.length);
        return add(this.#appends, action.value, entry);
      case 'delete':
        return add(this.#producers, this.#absent, entry);
      case 'cas':
        return add(this.#producers, action.value === null ? this.#absent : textOf(action.value), entry);
      case 'putHash':
        if (action.output === undefined) this.#hashers.push(entry);
        else add(this.#producers, hashed(action.output, action.value), entry);
    }
  }

  #demandOf(state: number): Demand {
    const known = this.#demands.get(state);
    if (known !== undefined) return known;
    const text = this.#model.textAt(state);
    const observers = this.#observers.get(text) ?? NONE;
    const demand = {
      observers: inOrder(observers),
      producers: observers.length === 0 ? NONE : this.#producersOf(text),
    };
    this.#demands.set(state, demand);
    return demand;
  }

  #producersOf(text: string): readonly Entry[] {
    const producers = [...(this.#producers.get(text) ?? NONE)];
    for (const length of this.#appendLengths) {
      if (length <= text.length) producers.push(...(this.#appends.get(text.slice(text.length - length)) ?? NONE));
    }
    const isLikely = this.#unseen === undefined || producers.length === 0 || this.#unseen.has(text);
    if (HASH.test(text) && isLikely) producers.push(...this.#hashers);
    return inOrder(producers);
  }

  /** Whether one of `entries` has not taken effect yet. */
  #anyLeft(entries: readonly Entry[], step: number, { mutators, observers, taken }: Configuration): boolean {
    const end = this.#timetable.steps[step]?.end ?? Number.POSITIVE_INFINITY;
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at];
      if (entry === undefined || entry.step < step) return false;
      const done = entry.step === Number.POSITIVE_INFINITY ? taken : entry.isObserver ? observers : mutators;
      if (entry.operation.call > end || (done & entry.bit) === 0n) return true;
    }
    return false;
  }
}

/** The only value at which the operation can have given its output. */
export function wantedText(action: Action, absent: string): string | undefined {
  switch (action.kind) {
    case 'get':
      return textOf(action.output);
    case 'cas':
      if (action.output !== true) return undefined;
      return action.expected === null ? absent : textOf(action.expected);
    case 'putHash':
      return action.output;
    case 'delete':
      return action.output === false ? absent : undefined;
    case 'put':
    case 'append':
      return undefined;
  }
}

/** Appends that are looked back at, and texts of which one append is a part: with more, nothing is said of them. */
const MOST_PARTS = 8;
const MOST_WHOLES = 16;

function memo<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = make();
  known.set(name, made);
  return made;
}

function add(index: Map<string, Entry[]>, text: string, entry: Entry): void {
  const entries = index.get(text);
  if (entries === undefined) index.set(text, [entry]);
  else entries.push(entry);
}

function inOrder(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((one, other) => (one.step < other.step ? -1 : one.step > other.step ? 1 : 0));
}

/**
 * Which operations still need to observe a value, and which could still produce it. The search must not leave a value
 * that is still needed and that no remaining operation can produce.
 */

import type { Configuration } from './configuration.ts';
import { isUnobserved, type Model } from './model.ts';
import { HASH } from './observed-values.ts';
import { type Action, hashed, textOf } from './operation.ts';
import type { Entry, Timetable } from './timetable.ts';

/**
 * The demand for one value, as text. Values with the same text are taken together, which only makes the verdict more
 * cautious.
 */
interface Demand {
  /** Operations whose output is only possible at this value, by step. */
  readonly observers: readonly Entry[];
  /** Operations that may produce the value, by step. */
  readonly producers: readonly Entry[];
}

const NONE: readonly Entry[] = [];

interface Assumptions {
  /** The text that an absent key reads as. */
  readonly absent: string;
  /** If given: a text with other producers may come from a `putHash` of unknown outcome only if it is one of these. */
  readonly unseen?: ReadonlySet<string> | undefined;
  /** Whether any hash can always be produced. */
  readonly anyHash?: boolean;
}

export class Demands {
  readonly #model: Model;
  readonly #timetable: Timetable;
  readonly #absent: string;
  readonly #observers = new Map<string, Entry[]>();
  readonly #producers = new Map<string, Entry[]>();
  /** Appends by the text that they append, and the lengths of these texts. */
  readonly #appends = new Map<string, Entry[]>();
  readonly #appendLengths = new Set<number>();
  readonly #hashers: Entry[] = [];
  /** By appended text: the wanted texts that contain it. */
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

  /** Whether an append that took effect in the wrong place makes a wanted value unreachable. */
  isWasted(append: string, step: number, next: Configuration): boolean {
    const texts = this.#wholes.get(append);
    if (texts === undefined || texts.size > MOST_WHOLES) return false;
    return [...texts].some((text) => {
      const isWanted = this.#anyLeft(this.#observersOf(text), step, next);
      return isWanted && !this.#isWithinReach(text, step, next, MOST_PARTS);
    });
  }

  /** `parts`: the number of appends to look back at. */
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

  /** Records which appends `whole` may consist of. */
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

  /** Whether there is a `putHash` with unknown outcome. */
  get hasHashers(): boolean {
    return this.#hashers.length > 0;
  }

  /** Whether a search that leaves `state` at `step` and continues with `next` cannot succeed. */
  isLost(state: number, step: number, next: Configuration): boolean {
    const { observers, producers } = this.#demandOf(state);
    if (this.#anyHash && HASH.test(this.#model.textAt(state))) return false;
    return this.#anyLeft(observers, step, next) && !this.#anyLeft(producers, step, next);
  }

  /** The states that `entries` need and that are hashes, for entries that have not taken effect. */
  hashesWanted(entries: readonly Entry[], { mutators, observers }: Configuration): readonly number[] {
    return entries.flatMap((entry) => {
      if (((entry.isObserver ? observers : mutators) & entry.bit) !== 0n) return [];
      const text = wantedText(entry.operation.action, this.#absent);
      return text !== undefined && HASH.test(text) ? this.#model.stateOf(text) : [];
    });
  }

  /** Whether an operation under way at `step` has not taken effect yet and is only possible at `state`. */
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

/** The only value at which the operation can have given its output; undefined if there are several. */
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

/** Limits on the appends to look back at, and on the texts that contain one append. Beyond them, no claim is made. */
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

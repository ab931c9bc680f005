/** Who still has to see a value, and who could still bring it about: a value that is wanted and cannot return must not be left. */

import type { Configuration } from './configuration.ts';
import type { Model } from './model.ts';
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
  readonly #demands = new Map<number, Demand>();

  constructor(model: Model, timetable: Timetable, absent: string) {
    this.#model = model;
    this.#timetable = timetable;
    this.#absent = absent;
    for (const entry of timetable.entries) {
      const { action } = entry.operation;
      const wanted = wantedText(action, absent);
      if (wanted !== undefined) add(this.#observers, wanted, entry);
      this.#addProducer(action, entry);
    }
  }

  /** Whether a search that leaves `state` at `step` and goes on from `next` is lost. */
  isLost(state: number, step: number, next: Configuration): boolean {
    const { observers, producers } = this.#demandOf(state);
    return this.#anyLeft(observers, step, next) && !this.#anyLeft(producers, step, next);
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
    const producers = [...(this.#producers.get(text) ?? NONE), ...(HASH.test(text) ? this.#hashers : NONE)];
    for (const length of this.#appendLengths) {
      if (length <= text.length) producers.push(...(this.#appends.get(text.slice(text.length - length)) ?? NONE));
    }
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
function wantedText(action: Action, absent: string): string | undefined {
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

function add(index: Map<string, Entry[]>, text: string, entry: Entry): void {
  const entries = index.get(text);
  if (entries === undefined) index.set(text, [entry]);
  else entries.push(entry);
}

function inOrder(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((one, other) => (one.step < other.step ? -1 : one.step > other.step ? 1 : 0));
}

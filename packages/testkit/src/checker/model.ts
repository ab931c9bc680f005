/**
 * The sequential model of one key: the state after an operation, and whether the operation can have given its output.
 */
import { unreachable } from '@understudy/rpc';
import type { Scalar } from './history.ts';
import type { ObservedValues } from './observed-values.ts';
import { type Action, hashed, textOf } from './operation.ts';

/** States are numbers, so that comparing them is cheap. This one: the key is absent. */
export const ABSENT = 0;
/** The key has a value that no operation can tell from other unobserved values. */
export const UNOBSERVED = 1;
/** An unobserved value to which more was appended. */
export const EXTENDED = 2;
/** Not a state: the operation cannot have given its output. */
export const IMPOSSIBLE = -1;
/** Not a state: the hash of an unknown value. */
export const SOME_HASH = -2;

export class Model {
  readonly #observed: ObservedValues;
  readonly #values: Scalar[];
  readonly #states = new Map<Scalar, number>();
  /** By state, and by the value that is hashed after it. */
  readonly #hashes: Map<string, number>[] = [];
  #someHashes: readonly number[] | undefined;
  #leadingHashes: readonly number[] | undefined;

  constructor(init: Scalar, observed: ObservedValues) {
    this.#observed = observed;
    this.#values = [init, null, null];
  }

  /** The state after `action`, or IMPOSSIBLE, or SOME_HASH. */
  apply(action: Action, state: number): number {
    switch (action.kind) {
      case 'get':
        return this.#reads(state, action.output) ? state : IMPOSSIBLE;
      case 'put':
        return this.stateOf(action.value);
      case 'append':
        return isUnobserved(state) ? EXTENDED : this.stateOf(this.textAt(state) + action.value);
      case 'delete':
        if (action.output !== undefined && action.output !== (state !== ABSENT)) return IMPOSSIBLE;
        return ABSENT;
      case 'cas': {
        const matches = action.expected === null ? state === ABSENT : this.#reads(state, action.expected);
        if (action.output !== undefined && action.output !== matches) return IMPOSSIBLE;
        return matches ? this.stateOf(action.value) : state;
      }
      case 'putHash': {
        if (isUnobserved(state)) return this.#hashUnobserved(action.output, state);
        const previous = this.textAt(state);
        if (action.output !== undefined && action.output !== previous) return IMPOSSIBLE;
        return this.#hash(state, action.value);
      }
      default:
        return unreachable(action);
    }
  }

  /** Whether an operation may turn this value into another one that matters. */
  leads(state: number): boolean {
    return !isUnobserved(state) && this.#observed.leads(this.textAt(state));
  }

  /** Whether the operation may produce a value that some operation found not to be there. */
  mayBeDenied(action: Action): boolean {
    return this.#observed.mayBeDenied(action);
  }

  /** Whether a `putHash` may produce such a value. */
  get mayHashBeDenied(): boolean {
    return this.#observed.mayHashBeDenied;
  }

  /** The states that SOME_HASH may stand for. */
  someHashes(): readonly number[] {
    this.#someHashes ??= [EXTENDED, ...this.#observed.hashes().map((hash) => this.stateOf(hash))];
    return this.#someHashes;
  }

  /** Those of them that an operation may turn into another value that matters. */
  leadingHashes(): readonly number[] {
    this.#leadingHashes ??= this.someHashes().filter((state) => this.leads(state));
    return this.#leadingHashes;
  }

  /** Null: absent. */
  stateOf(value: Scalar): number {
    if (value === null) return ABSENT;
    const known = this.#states.get(value);
    if (known !== undefined) return known;
    const state = this.#observed.has(value) ? this.#values.push(value) - 1 : UNOBSERVED;
    this.#states.set(value, state);
    return state;
  }

  /** The value that a get would return. Unknown for an unobserved value. */
  valueAt(state: number): Scalar {
    return this.#values[state] ?? null;
  }

  textAt(state: number): string {
    return textOf(this.valueAt(state));
  }

  #hash(state: number, value: string): number {
    const known = (this.#hashes[state] ??= new Map());
    const found = known.get(value);
    if (found !== undefined) return found;
    const next = this.stateOf(hashed(this.textAt(state), value));
    known.set(value, next);
    return next;
  }

  #hashUnobserved(output: string | undefined, state: number): number {
    if (output !== undefined) return IMPOSSIBLE;
    return state === UNOBSERVED && this.#observed.hashesStayUnobserved ? UNOBSERVED : SOME_HASH;
  }

  #reads(state: number, value: Scalar): boolean {
    return !isUnobserved(state) && this.valueAt(state) === value;
  }
}

export function isUnobserved(state: number): boolean {
  return state === UNOBSERVED || state === EXTENDED;
}

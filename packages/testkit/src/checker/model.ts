/** The sequential model of one key: what an operation makes of a state, and whether it could have given its output there. */
import { fnv1a32 } from '@understudy/kvservice';
import { unreachable } from '@understudy/rpc';
import type { Scalar } from './history.ts';
import type { ObservedValues } from './observed-values.ts';
import { type Action, textOf } from './operation.ts';

/** States are numbers, so that they are cheap to compare: the key is absent. */
export const ABSENT = 0;
/** There is a value, one of those that nothing tells apart. */
export const UNOBSERVED = 1;
/** No state: the operation cannot have given its output. */
export const IMPOSSIBLE = -1;

export class Model {
  readonly #init: Scalar;
  readonly #observed: ObservedValues;
  readonly #values: Scalar[];
  readonly #states = new Map<Scalar, number>();

  constructor(init: Scalar, observed: ObservedValues) {
    this.#init = init;
    this.#observed = observed;
    this.#values = [init, null];
  }

  /** The state after `action`, or IMPOSSIBLE. */
  apply(action: Action, state: number): number {
    switch (action.kind) {
      case 'get':
        return this.#reads(state, action.output) ? state : IMPOSSIBLE;
      case 'put':
        return this.stateOf(action.value);
      case 'append':
        return state === UNOBSERVED ? UNOBSERVED : this.stateOf(this.textAt(state) + action.value);
      case 'delete':
        if (action.output !== undefined && action.output !== (state !== ABSENT)) return IMPOSSIBLE;
        return ABSENT;
      case 'cas': {
        const matches = action.expected === null ? state === ABSENT : this.#reads(state, action.expected);
        if (action.output !== undefined && action.output !== matches) return IMPOSSIBLE;
        return matches ? this.stateOf(action.value) : state;
      }
      case 'putHash': {
        if (state === UNOBSERVED) return IMPOSSIBLE; // its output would be observed
        const previous = this.textAt(state);
        if (action.output !== undefined && action.output !== previous) return IMPOSSIBLE;
        return this.stateOf(hashed(previous, action.value));
      }
      default:
        return unreachable(action);
    }
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

  /** What a get would give; of UNOBSERVED it is not known. */
  valueAt(state: number): Scalar {
    return this.#values[state] ?? null;
  }

  textAt(state: number): string {
    return textOf(this.valueAt(state));
  }

  #reads(state: number, value: Scalar): boolean {
    return state !== UNOBSERVED && this.valueAt(state) === value;
  }
}

/** What `putHash` puts, in the place of `previous`. */
export function hashed(previous: string, value: string): string {
  return String(fnv1a32(previous + value));
}

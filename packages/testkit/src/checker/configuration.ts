/** Where a search stands within a step: the state, and which operations have taken effect; and which of these were seen before. */

import type { Budget } from './budget.ts';

/** Sets of operations are sums of the bits of their entries. Operations whose return has passed are in none of them. */
export interface Configuration {
  readonly state: number;
  /** Under way and done already. */
  readonly mutators: bigint;
  readonly observers: bigint;
  /** Done, of those that never return. */
  readonly taken: bigint;
}

/**
 * The configurations met at one step. One that has used up less of what never returns and has seen more of what was to be seen, all else
 * equal, can do whatever the other can: so the other need not be looked at.
 */
export class Visited {
  readonly #groups = new Map<string, Configuration[]>();

  /** False where it was here before, or a better one was. */
  add(configuration: Configuration, budget: Budget): boolean {
    const name = `${configuration.state}/${configuration.mutators}`;
    const group = this.#groups.get(name);
    if (group === undefined) {
      this.#groups.set(name, [configuration]);
      return true;
    }
    budget.spendStep(group.length / COMPARISONS_A_STEP); // most of the time goes here when none is better than another
    if (group.some((other) => isAsGood(other, configuration))) return false;
    group.push(configuration);
    return true;
  }
}

/** As many as take the time of one attempt of an operation. */
const COMPARISONS_A_STEP = 8;

function isAsGood(one: Configuration, other: Configuration): boolean {
  return (one.taken & other.taken) === one.taken && (one.observers & other.observers) === other.observers;
}

/**
 * A configuration: the state of the key within a step of the search, and the operations that have taken effect. Visited
 * remembers the configurations seen before, so that the search does not repeat work.
 */

import type { Budget } from './budget.ts';

/** A set of operations is the sum of the bits of its entries. Operations that have returned are in none of the sets. */
export interface Configuration {
  readonly state: number;
  /** Operations under way that have taken effect. */
  readonly mutators: bigint;
  readonly observers: bigint;
  /** Operations that never return and have taken effect. */
  readonly taken: bigint;
}

/**
 * The configurations visited at one step. A configuration that has used fewer operations that never return, and has
 * satisfied more observers, can do whatever the other can, all else equal. So the other one need not be searched.
 */
export class Visited {
  readonly #groups = new Map<string, Configuration[]>();

  /** Returns false if this configuration, or a better one, was visited before. */
  add(configuration: Configuration, budget: Budget): boolean {
    const name = `${configuration.state}/${configuration.mutators}`;
    const group = this.#groups.get(name);
    if (group === undefined) {
      this.#groups.set(name, [configuration]);
      return true;
    }
    budget.spendStep(group.length / COMPARISONS_A_STEP); // Most of the time goes here if no one is better than another.
    if (group.some((other) => isAsGood(other, configuration))) return false;
    group.push(configuration);
    return true;
  }
}

/** This many comparisons take as long as one attempt of an operation. */
const COMPARISONS_A_STEP = 8;

function isAsGood(one: Configuration, other: Configuration): boolean {
  return (one.taken & other.taken) === one.taken && (one.observers & other.observers) === other.observers;
}

/**
 * Divides the time of one key into steps. Each return of an operation is a step, with the operations under way then.
 */
import { isObserver, type Operation } from './operation.ts';

/** An operation with its place in the search. */
export interface Entry {
  readonly operation: Operation;
  readonly isObserver: boolean;
  /** The step at which it returns; Infinity if it never does. */
  readonly step: number;
  /**
   * The operation's bit in sets of operations. Returning operations share bits with operations that were not under way
   * at the same time. Operations that never return have bits of their own.
   */
  readonly bit: bigint;
}

export interface Step {
  /** The operation that returns here, so it must have taken effect. */
  readonly target: Entry;
  readonly end: number;
  /** Operations under way, sorted by return. Includes the target. */
  readonly mutators: readonly Entry[];
  readonly observers: readonly Entry[];
  /** Observers that were not under way at the previous step. */
  readonly arrivals: readonly Entry[];
  /** How many operations that never return have been called. */
  readonly lasting: number;
}

export interface Timetable {
  readonly steps: readonly Step[];
  /** Operations that never return, in the order of their calls. */
  readonly lasting: readonly Entry[];
  readonly entries: readonly Entry[];
}

/** Intervals are closed: an operation called exactly at the time of a return is under way at it. */
export function timetable(operations: readonly Operation[]): Timetable {
  const returning = operations
    .filter(({ end }) => end < Number.POSITIVE_INFINITY)
    .sort((one, other) => one.end - other.end);
  const stepOf = new Map(returning.map((operation, step) => [operation, step]));
  const byCall = [...operations].sort((one, other) => one.call - other.call);
  const bits = { mutators: new Bits(), observers: new Bits(), lasting: new Bits() };
  const steps: Step[] = [];
  const lasting: Entry[] = [];
  const entries: Entry[] = [];
  let [mutators, observers]: [readonly Entry[], readonly Entry[]] = [[], []];
  let called = 0;
  for (const [step, { end }] of returning.entries()) {
    const arrivals: Entry[] = [];
    const newMutators: Entry[] = [];
    for (let next = byCall[called]; next !== undefined && next.call <= end; next = byCall[++called]) {
      const observes = isObserver(next.action);
      const returns = stepOf.get(next) ?? Number.POSITIVE_INFINITY;
      const kind = returns === Number.POSITIVE_INFINITY ? 'lasting' : observes ? 'observers' : 'mutators';
      const entry: Entry = { operation: next, isObserver: observes, step: returns, bit: bits[kind].take() };
      entries.push(entry);
      if (kind === 'lasting') lasting.push(entry);
      else if (observes) arrivals.push(entry);
      else newMutators.push(entry);
    }
    mutators = merged(mutators, newMutators);
    observers = merged(observers, arrivals);
    const target = (mutators[0]?.step === step ? mutators : observers)[0];
    if (target === undefined) throw new Error('an operation returns that was never called');
    steps.push({ target, end, mutators, observers, arrivals, lasting: lasting.length });
    bits[target.isObserver ? 'observers' : 'mutators'].free(target.bit);
    if (target.isObserver) observers = observers.slice(1);
    else mutators = mutators.slice(1);
  }
  return { steps, lasting, entries };
}

function merged(entries: readonly Entry[], more: readonly Entry[]): readonly Entry[] {
  return more.length === 0 ? entries : [...entries, ...more].sort((one, other) => one.step - other.step);
}

/** Hands out bits, and reuses those that were freed. */
class Bits {
  readonly #free: bigint[] = [];
  #next = 1n;

  take(): bigint {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const bit = this.#next;
    this.#next <<= 1n;
    return bit;
  }

  free(bit: bigint): void {
    this.#free.push(bit);
  }
}

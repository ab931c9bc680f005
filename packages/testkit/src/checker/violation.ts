/** A violation: what is wrong with a history, for people and for programs. */
import type { HistoryEvent, Scalar } from './history.ts';

export interface Violation {
  /** The key; '' in a register. */
  readonly key: string;
  /**
   * The operations that contradict each other, by call. They do so even if every other operation of the key (except
   * those that had returned before `from`) took effect at any time after its call, or never. By themselves they are a
   * history, and a violation.
   */
  readonly events: readonly StretchEvent[];
  /** The index, in the whole history's events, of the operation that returned last. Its output is impossible. */
  readonly impossible: number;
  /** Outputs that it could have had instead; perhaps not all. */
  readonly possible: readonly Scalar[];
  /**
   * The operations contradict each other whatever the key held at this time. Null: only with the key's initial value.
   */
  readonly from: number | null;
  /** The number of other operations of the key that were called up to that return. */
  readonly others: number;
  /** Whether none of `events` can be removed. False: this could not be found out in reasonable time. */
  readonly minimal: boolean;
  /** All of this, drawn for people. */
  readonly text: string;
}

export interface StretchEvent extends HistoryEvent {
  /** Its index in the whole history's events. */
  readonly index: number;
}

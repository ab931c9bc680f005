/** What is wrong with a history, for people and for programs. */
import type { HistoryEvent, Scalar } from './history.ts';

export interface Violation {
  /** The key; '' in a register. */
  readonly key: string;
  /**
   * The operations that contradict each other, in the order of their calls, even if each other operation of the key (not those that
   * had returned before `from`) took effect, if it had one, at any time after its call, or never. By themselves they are a history, and a violation.
   */
  readonly events: readonly StretchEvent[];
  /** The place, in the whole history's events, of the one that returned last: its output cannot be. */
  readonly impossible: number;
  /** Outputs that it could have had instead; perhaps not all. */
  readonly possible: readonly Scalar[];
  /** They do so whatever the key held at this time; null: only after what it held at first. */
  readonly from: number | null;
  /** How many other operations of the key were called up to that return. */
  readonly others: number;
  /** Whether none of `events` can be spared. False: that was not found out in reasonable time. */
  readonly minimal: boolean;
  /** All this, drawn for people. */
  readonly text: string;
}

export interface StretchEvent extends HistoryEvent {
  /** Its place in the whole history's events. */
  readonly index: number;
}

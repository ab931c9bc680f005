/** A history: what clients requested from the service, when, and what they were answered. */

/** The value of a key: a string or any other JSON scalar. null means absent. */
export type Scalar = string | number | boolean | null;

/** Fields that are not listed here are ignored. */
export interface History {
  /** `register` is a single key, which the events leave out. */
  readonly model?: 'kv' | 'register' | undefined;
  /** The value that an absent key reads as. Default null. */
  readonly init?: Scalar | undefined;
  readonly events: readonly HistoryEvent[];
}

/** One operation, from its call to its return: a closed interval on a time axis that all events share, in any unit. */
export interface HistoryEvent {
  readonly client?: string | number | null | undefined;
  readonly call: number;
  /** null, absent or "Infinity": the outcome is unknown, so it may take effect at any time after its call, or never. */
  readonly return?: number | 'Infinity' | null | undefined;
  readonly op: OperationName;
  readonly key?: string | undefined;
  /** The value that is put, appended or hashed; for `cas`, the pair of the expected and the new value. */
  readonly value?: Scalar | readonly [expected: Scalar, value: Scalar] | undefined;
  /**
   * `get`: the value. `cas`: whether it swapped. `delete`: whether there was a value. `putHash`: the previous value. If
   * left out, it may have been anything. Ignored for operations without a known outcome.
   */
  readonly output?: unknown;
  /** True: the operation certainly did nothing. */
  readonly fail?: boolean | undefined;
}

export type OperationName = 'get' | 'put' | 'append' | 'delete' | 'cas' | 'putHash';

/** A history: what clients asked of the service, when, and what they were told. */

/** What a key holds: a string, or any other JSON scalar; null is "absent". */
export type Scalar = string | number | boolean | null;

/** Fields that are not named here are ignored. */
export interface History {
  /** `register` is a single key that the events leave out. */
  readonly model?: 'kv' | 'register' | undefined;
  /** What a key that is absent reads as; null unless given. */
  readonly init?: Scalar | undefined;
  readonly events: readonly HistoryEvent[];
}

/** One operation, from its call to its return: a closed interval on a time axis that all events share, in any unit. */
export interface HistoryEvent {
  readonly client?: string | number | null | undefined;
  readonly call: number;
  /** Null, left out or "Infinity": its outcome is unknown, so it may take effect at any time after its call, or never. */
  readonly return?: number | 'Infinity' | null | undefined;
  readonly op: OperationName;
  readonly key?: string | undefined;
  /** What is put, appended or hashed; of `cas` the pair of what is expected and what comes in its place. */
  readonly value?: Scalar | readonly [expected: Scalar, value: Scalar] | undefined;
  /**
   * `get`: the value; `cas`: whether it swapped; `delete`: whether there was something; `putHash`: the value before. What is left
   * out may have been anything; of operations without a known outcome it is ignored.
   */
  readonly output?: unknown;
  /** True: it certainly did nothing. */
  readonly fail?: boolean | undefined;
}

export type OperationName = 'get' | 'put' | 'append' | 'delete' | 'cas' | 'putHash';

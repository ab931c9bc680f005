/** What the benchmark and a process that looks tell each other: orders, `looking`; `report`, what was received since. */

export interface Orders {
  /** One stream for each mention. */
  readonly feeds: readonly string[];
}

export interface Received {
  readonly bytes: number;
  readonly samples: number;
}

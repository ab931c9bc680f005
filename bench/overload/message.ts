/** What the benchmark and its generators of load tell each other. */

export type Task =
  /** So many puts at once, each followed by the next: as many as the service can do. */
  | { readonly kind: 'closed'; readonly callers: number; readonly seconds: number }
  /** So many puts begun a second, whatever becomes of them. */
  | { readonly kind: 'open'; readonly perSecond: number; readonly seconds: number };

/** By what puts are made: `client`, the library; `plain`, requests without a session, one for each put, by nobody who counts what is under way. */
export type Means = 'client' | 'plain';

export interface Orders {
  readonly monitor: string;
  readonly primary: string;
  readonly means: Means;
  /** Clients of each generator, with a connection each. */
  readonly clients: number;
  readonly task: Task;
}

export interface Outcome {
  readonly offered: number;
  /** Due, but never begun: the generator was too late itself. */
  readonly skipped: number;
  readonly accepted: number;
  /** By the name of the failure. */
  readonly failed: Readonly<Record<string, number>>;
  /** Milliseconds, of some of the accepted, evenly taken; from the moment when the put was due. */
  readonly latenciesMs: readonly number[];
  /** The same of those that failed with OVERLOADED. */
  readonly refusalsMs: readonly number[];
  /** Milliseconds, of some of all: how late the generator itself began them. */
  readonly latenessesMs: readonly number[];
  /** Most resident memory of this generator. */
  readonly peakBytes: number;
  /** Of the processor, from the first put to the last answer. */
  readonly cpuMs: number;
}

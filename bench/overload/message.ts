/** What the benchmark and its generators of load tell each other. */

export type Task =
  /** So many puts at once, each followed by the next: as many as the service can do. */
  | { readonly kind: 'closed'; readonly callers: number; readonly seconds: number }
  /** So many puts begun a second, whatever becomes of them. */
  | { readonly kind: 'open'; readonly perSecond: number; readonly seconds: number };

export interface Orders {
  readonly primary: string;
  readonly connections: number;
  readonly task: Task;
}

export interface Outcome {
  readonly offered: number;
  readonly accepted: number;
  /** By the name of the failure. */
  readonly failed: Readonly<Record<string, number>>;
  /** Milliseconds, of some of the accepted, evenly taken; from the moment when the put was due. */
  readonly latenciesMs: readonly number[];
  /** The same of those answered OVERLOADED. */
  readonly refusalsMs: readonly number[];
  /** Most resident memory of this generator. */
  readonly peakBytes: number;
}

/** What the command and the process that tries the mistakes say to each other. */
import type { Outcome } from './trial.ts';

export interface Task {
  /** Paths from the root. */
  readonly tests: readonly string[];
  /** So many seeds of the simulation, from 1 on. */
  readonly seeds: number;
  /** The switch that is on while the tests load; 0: none. */
  readonly atLoad: number;
  /** What an earlier process with the same tests measured; without it the process measures. */
  readonly measured?: Measured;
}

/** One step is a test or a seed: what it takes without a mistake, and which switches it reaches. */
export interface Step {
  readonly title: string;
  readonly ms: number;
  /** Of the processor: it says more on a busy machine. */
  readonly cpuMs: number;
  readonly reached: readonly number[];
}

export interface Measured {
  /** Reached while the files load, before any test. */
  readonly atLoad: readonly number[];
  readonly tests: readonly Step[];
  readonly seeds: readonly Step[];
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly measured: Measured }
  /** A step fails without any mistake: then nothing could be told from a failure. */
  | { readonly kind: 'broken'; readonly text: string }
  /** A step begins, which takes so long without a mistake: the process is not stuck. */
  | { readonly kind: 'alive'; readonly ms: number }
  | { readonly kind: 'told'; readonly verdict: Verdict };

export interface Verdict {
  readonly outcome: Outcome;
  /** The title of the step that caught it. */
  readonly by: string;
  /** Whether the process may go on: not when something of the mistake may still be running in it. */
  readonly isClean: boolean;
}

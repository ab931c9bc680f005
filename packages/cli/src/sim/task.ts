/** The messages between the command and the processes that simulate for it. */
import type { SimulationOptions, SimulationResult } from '@understudy/testkit';

export type Seed = SimulationOptions['seed'];

/** Everything about a simulation except its seed. It is the same for all seeds of a batch. */
export type Settings = Pick<
  SimulationOptions,
  'servers' | 'backups' | 'clients' | 'seconds' | 'faults' | 'disk' | 'littleMemory' | 'shape'
>;

export interface Task {
  readonly seed: Seed;
  readonly settings: Settings;
  /** Counts views, which takes a little time. */
  readonly countsViews?: boolean;
  /** Writes the events of the run to this file. */
  readonly trace?: string;
}

export interface Outcome {
  readonly result: SimulationResult;
  /** The real milliseconds that the run took, on one core. */
  readonly tookMs: number;
  /** The number of views that the monitor gave, if they were counted. */
  readonly views?: number;
}

/** The answer to a task, or why it failed. */
export type Answer =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly isWrongUsage: boolean; readonly message: string };

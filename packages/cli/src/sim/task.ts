/** What passes between the command and the processes that simulate for it. */
import type { SimulationOptions, SimulationResult } from '@understudy/testkit';

export type Seed = SimulationOptions['seed'];

/** Everything of a simulation but its seed: the same for all seeds of a batch. */
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
  /** Real milliseconds that the run took, on one core. */
  readonly tookMs: number;
  /** Views that the monitor named, where they were counted. */
  readonly views?: number;
}

/** The answer to a task; of one that could not be done, why. */
export type Answer =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly isWrongUsage: boolean; readonly message: string };

/** A forgery: a message that comes from no server, and what makes one (see outside-faults.ts). */
import type { Overheard } from './overheard.ts';
import type { FaultStage } from './stage.ts';

/** What is sent to whom. */
export interface Forgery {
  /** In few words. */
  readonly what: string;
  /** Name of a process. */
  readonly to: string;
  readonly method: string;
  readonly params: object;
}

/** Gives undefined where the present state of the cluster has nothing to forge from. */
export type Forger = (stage: FaultStage, overheard: Overheard) => Forgery | undefined;

/** An incarnation that is greater than any that a server draws. */
export const NEWER_RUN = 'ffffffff-ffff-7fff-bfff-ffffffffffff';

/** The name of the process that sends them. */
export const FORGER = 'x';

/** A forgery: a message that comes from no server, and the function that makes one (see outside-faults.ts). */
import type { Overheard } from './overheard.ts';
import type { FaultStage } from './stage.ts';

/** What is sent, and to which process. */
export interface Forgery {
  /** A short description. */
  readonly what: string;
  /** The name of a process. */
  readonly to: string;
  readonly method: string;
  readonly params: object;
}

/** Returns undefined if the present state of the cluster offers nothing to forge from. */
export type Forger = (stage: FaultStage, overheard: Overheard) => Forgery | undefined;

/** An incarnation greater than any that a server draws. */
export const NEWER_RUN = 'ffffffff-ffff-7fff-bfff-ffffffffffff';

/** The name of the process that sends forgeries. */
export const FORGER = 'x';

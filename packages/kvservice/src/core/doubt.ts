/** A claim in a message that is being confirmed with the monitor or another server (see doubts.ts). */
import type { Requester } from './event.ts';
import type { Prepare } from './message.ts';

export interface Held {
  readonly requester: Requester;
  readonly message: Prepare;
}

/** A claim that is being confirmed. */
export interface Doubt {
  /** The number that names the question in its answer. */
  readonly number: number;
  readonly about: 'view' | 'run';
  readonly claim: Claim;
  readonly askedMs: number;
  /** True if the monitor did not answer, so the claimant itself is asked. */
  atItsAddress: boolean;
  readonly held: Held[];
}

export interface Claim {
  readonly server: string;
  readonly incarnation: string;
  readonly secret: string;
  readonly viewnum: number;
}

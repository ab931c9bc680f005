/** A doubt: something that a message claims, while the monitor or a server is asked about it (see doubts.ts). */
import type { Requester } from './event.ts';
import type { Prepare } from './message.ts';

export interface Held {
  readonly requester: Requester;
  readonly message: Prepare;
}

/** Something that was claimed, and is being asked about. */
export interface Doubt {
  /** Names the question in its answer. */
  readonly number: number;
  readonly about: 'view' | 'run';
  readonly claim: Claim;
  readonly askedMs: number;
  /** The monitor has not answered, and the claimant is asked itself. */
  atItsAddress: boolean;
  readonly held: Held[];
}

export interface Claim {
  readonly server: string;
  readonly incarnation: string;
  readonly secret: string;
  readonly viewnum: number;
}

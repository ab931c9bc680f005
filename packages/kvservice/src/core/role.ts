/** The role of a replica in its view: each has what only it needs. */

import type { Assembly } from './assembly.ts';
import type { Instant, Query, ReadEvent, Requester } from './event.ts';
import type { HeardSessions } from './heard-sessions.ts';
import type { Progress } from './progress.ts';
import type { Receiving } from './receiving.ts';

export type Role = Idle | Primary | Backup;

export interface Idle {
  readonly kind: 'idle';
}

export interface Primary {
  readonly kind: 'primary';
  /** Index of the empty entry with which this primaryship began; nothing below commits by itself (R6). */
  readonly floor: number;
  /** Answers to messages with a lower number belong to an earlier view. */
  firstNumber: number;
  backups: Map<string, Progress>;
  /** Who waits for the entry of that index. */
  readonly pending: Map<number, Requester>;
  pendingWeight: number;
  /** What waits to be hashed. */
  readonly hashing: Hashing;
  /** Reads that wait for their turn or for a confirmation (L4), oldest first. */
  reads: WaitingRead[];
  confirmWanted: boolean;
  /** A session not heard of counts from `sinceMs` (S5). */
  readonly heard: HeardSessions;
  readonly sinceMs: number;
  expiryAtMs: number;
  /** Index of the last end of a session that is in the log: no more are added before it is committed. */
  expiryIndex: number;
  /** The inherited log is committed and no promise to another primary stands: answers may leave (L2, R6). */
  serving: boolean;
}

/** Work of the `putHash` operations that wait to be applied: all of them may come to be applied in one turn. */
export interface Hashing {
  /** UTF-16 units to hash, as long as index `through` is not committed. */
  units: number;
  through: number;
}

export interface WaitingRead {
  readonly read: ReadEvent;
  /** Confirmed by answers to messages with this number or a higher one (L4). */
  readonly confirmedBy: number;
}

export interface Backup {
  readonly kind: 'backup';
  /** Holds everything that was committed when it was last compared; false while syncing. */
  complete: boolean;
  /** The last index that the primary of this view has verified here. */
  verified: number;
  receiving: Receiving | undefined;
  /** The large entry of which pieces have come. */
  assembly: Assembly | undefined;
  /** The transfer that needed more memory than this server may have (M3). */
  tooLarge: number | undefined;
  /** The primary has left; what it may have sent before is refused (L6). */
  released: boolean;
  /** Since when all that comes from the primary contradicts what is committed here; undefined: it does not. */
  conflictSinceMs: number | undefined;
}

/** A read that any server may answer once it has applied enough (L5). */
export interface LocalRead {
  readonly requester: Requester;
  readonly query: Query;
  /** What is to be applied before the answer: what the read asks for, and, once the primary has told it, its commit index. */
  readonly atLeast: number;
  /** Nothing has to be asked any more; false: the primary has not told its commit index yet (linearizable). */
  readonly isPlaced: boolean;
  /** Number of the question to the primary, once it was sent. */
  readonly askedBy: number | undefined;
  readonly deadline: Instant['now'];
}

export const IDLE: Idle = { kind: 'idle' };

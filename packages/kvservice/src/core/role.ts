/**
 * The roles of a replica in its view: idle, primary or backup, each with the state that only this role needs. A change
 * of role discards that state, so nothing of an earlier role is used by mistake (R8); only a transfer in progress from
 * the same primary continues.
 */

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
  /**
   * The index of the empty entry that this primary appended first. Entries below it do not commit by themselves (R6).
   */
  readonly floor: number;
  /** Answers to messages with lower numbers belong to an earlier view. */
  firstNumber: number;
  backups: Map<string, Progress>;
  /** The clients that wait for an entry, by its index. */
  readonly pending: Map<number, Requester>;
  pendingWeight: number;
  /** The hashing work of waiting operations. */
  readonly hashing: Hashing;
  /** Reads that wait until the primary serves or for a confirmation (L4); oldest first. */
  reads: WaitingRead[];
  confirmWanted: boolean;
  /** A session that was not heard of counts as heard at `sinceMs` (S5). */
  readonly heard: HeardSessions;
  readonly sinceMs: number;
  expiryAtMs: number;
  /** The index of the last entry that ends a session. No more such entries are appended before it commits. */
  expiryIndex: number;
  /** The inherited log is committed and no promise to another primary stands, so the primary may answer (L2, R6). */
  serving: boolean;
}

/** The work of the `putHash` operations that wait to be applied. They may all be applied in one turn. */
export interface Hashing {
  /** The UTF-16 units to hash, valid while index `through` is not committed. */
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
  /** True if the backup held everything committed when it was last compared; false while syncing. */
  complete: boolean;
  /** The last index that the primary of this view has verified here. */
  verified: number;
  receiving: Receiving | undefined;
  /** The large entry of which some pieces have arrived. */
  assembly: Assembly | undefined;
  /** The transfer that needed more memory than this server may use (M3). */
  tooLarge: number | undefined;
  /** The primary has left. Messages that it may have sent before are refused (L6). */
  released: boolean;
  /**
   * Since when every prepare from the primary contradicts committed entries here; undefined if the last one did not.
   */
  conflictSinceMs: number | undefined;
}

/** A read that any server may answer once it has applied enough (L5). */
export interface LocalRead {
  readonly requester: Requester;
  readonly query: Query;
  /**
   * The index to apply before the answer: the one that the read asks for and, once the primary has reported it, its
   * commit index.
   */
  readonly atLeast: number;
  /** False while the primary has not reported its commit index for this read (linearizable only). */
  readonly isPlaced: boolean;
  /** The number of the question to the primary, once it was sent. */
  readonly askedBy: number | undefined;
  readonly deadline: Instant['now'];
}

export const IDLE: Idle = { kind: 'idle' };

/**
 * The effects that a replica asks its server to carry out, in order. The core itself does no I/O, so this type lists
 * everything that it can cause.
 */
import type { FailureName, Refused } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import type { Instant, ReadEvent, Requester } from './event.ts';
import type { Answer, Message } from './message.ts';
import type { Persist } from './persist.ts';

export type Effect =
  | { readonly kind: 'result'; readonly requester: Requester; readonly result: object }
  /**
   * The result of a read under a lease. Send it only if neither clock has reached `until` yet; otherwise hand the read
   * to the replica again (L3).
   */
  | { readonly kind: 'leased'; readonly result: object; readonly until: Instant; readonly read: ReadEvent }
  | { readonly kind: 'failure'; readonly requester: Requester; readonly failure: Failure }
  | { readonly kind: 'answer'; readonly requester: Requester; readonly answer: Answer }
  /** Without an answer within `patienceMs`, the message counts as `unanswered`. */
  | { readonly kind: 'send'; readonly to: string; readonly message: Message; readonly patienceMs: number }
  | Persist
  /** Ask the monitor for the view, and report the result with a `monitor-told` event. */
  | { readonly kind: 'ask-monitor'; readonly number: number }
  /**
   * Ask the server at that address who it is and whether the secret is its own; report the result with a `server-told`
   * event.
   */
  | { readonly kind: 'ask-server'; readonly number: number; readonly server: string; readonly secret: string }
  /** Ping the monitor now. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'notice'; readonly notice: ReplicaNotice }
  /**
   * This server has left, and its process may end. `held` means that a server that stays holds the data, or that there
   * is no data. `lost` says in words for people what is lost by leaving; "" if nothing is. `holder` names a backup that
   * also holds the data, but that no monitor made primary because none answered; "" if there is none.
   */
  | { readonly kind: 'left'; readonly held: boolean; readonly lost: string; readonly holder: string };

export interface Failure {
  readonly name: FailureName;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Notices for the operator. */
export type ReplicaNotice =
  | { readonly kind: 'view'; readonly view: View; readonly role: 'idle' | 'primary' | 'backup' }
  /** The primary serves: its promises have run out, and the inherited log is committed. */
  | { readonly kind: 'serving'; readonly viewnum: number }
  /** The primary has acknowledged the view: every backup holds the data. */
  | { readonly kind: 'acknowledged'; readonly viewnum: number }
  | {
      readonly kind: 'sync-started';
      readonly backup: string;
      readonly by: 'entries' | 'snapshot';
      readonly records: number;
    }
  | { readonly kind: 'sync-progress'; readonly backup: string; readonly sent: number; readonly total: number }
  | { readonly kind: 'sync-restarted'; readonly backup: string; readonly reason: string }
  /** The backup holds the data and counts from now on (R4). */
  | { readonly kind: 'synced'; readonly backup: string; readonly index: number }
  | { readonly kind: 'suffix-cut'; readonly entries: number }
  /** `answers` means that the backup answers small messages, but that none of the entries sent to it get through. */
  | { readonly kind: 'backup-lost'; readonly backup: string; readonly silentMs: number; readonly answers: boolean }
  /**
   * Even the fastest answer of a backup takes so long that its lease is over, or nearly over, when the answer arrives
   * (L1).
   */
  | {
      readonly kind: 'backup-distant';
      readonly backup: string;
      readonly roundTripMs: number;
      readonly leaseMs: number;
      readonly silenceMs: number;
    }
  /** This server stops, or resumes, taking more data (M2). */
  | { readonly kind: 'memory-full' | 'memory-free'; readonly heldBytes: number; readonly maxBytes: number }
  /** A transfer needs more memory than this server may use, so it takes no seat (M3). */
  | { readonly kind: 'no-room'; readonly keys: number; readonly maxBytes: number }
  /** The backup cannot hold the data, and the primary asks the monitor for another one (M3). */
  | { readonly kind: 'backup-without-room'; readonly backup: string }
  | { readonly kind: 'refused-seat'; readonly reason: string }
  | { readonly kind: 'leaving'; readonly waitsFor: string }
  | Refused;

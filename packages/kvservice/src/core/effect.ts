/** What a replica wants done, in order. */
import type { FailureName, Refused } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import type { Instant, ReadEvent, Requester } from './event.ts';
import type { Answer, Message } from './message.ts';
import type { Persist } from './persist.ts';

export type Effect =
  | { readonly kind: 'result'; readonly requester: Requester; readonly result: object }
  /** A read under a lease: to be answered only if neither clock has reached `until` by now, else the event comes again (L3). */
  | { readonly kind: 'leased'; readonly result: object; readonly until: Instant; readonly read: ReadEvent }
  | { readonly kind: 'failure'; readonly requester: Requester; readonly failure: Failure }
  | { readonly kind: 'answer'; readonly requester: Requester; readonly answer: Answer }
  /** After `patienceMs` without an answer it is `unanswered`. */
  | { readonly kind: 'send'; readonly to: string; readonly message: Message; readonly patienceMs: number }
  | Persist
  /** Ask the monitor for the view, and answer with `monitor-told`. */
  | { readonly kind: 'ask-monitor'; readonly number: number }
  /** Ask at that address who is there, and whether that secret is its own; answer with `server-told`. */
  | { readonly kind: 'ask-server'; readonly number: number; readonly server: string; readonly secret: string }
  /** Ping the monitor now. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'notice'; readonly notice: ReplicaNotice }
  /**
   * This server has left: its process may end. `held`: a server that stays holds its data, or there is none to hold. `lost`: what is
   * lost by its leaving, in plain words; "" where nothing is. `holder`: a backup that holds the data as well, where no monitor
   * answered, so that nobody could be made primary; or "".
   */
  | { readonly kind: 'left'; readonly held: boolean; readonly lost: string; readonly holder: string };

export interface Failure {
  readonly name: FailureName;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What a person wants to hear of. */
export type ReplicaNotice =
  | { readonly kind: 'view'; readonly view: View; readonly role: 'idle' | 'primary' | 'backup' }
  /** The primary may serve: promises have run out, the inherited log is committed. */
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
  /** `answers`: it does answer small messages, but nothing of what it is sent gets through. */
  | { readonly kind: 'backup-lost'; readonly backup: string; readonly silentMs: number; readonly answers: boolean }
  /** Even the fastest answer of a backup takes so long that the lease that it grants is over, or nearly, when it comes (L1). */
  | {
      readonly kind: 'backup-distant';
      readonly backup: string;
      readonly roundTripMs: number;
      readonly leaseMs: number;
      readonly silenceMs: number;
    }
  /** This server takes no more data, or does again (M2). */
  | { readonly kind: 'memory-full' | 'memory-free'; readonly heldBytes: number; readonly maxBytes: number }
  /** A transfer needs more memory than this server may have: it takes no seat (M3). */
  | { readonly kind: 'no-room'; readonly keys: number; readonly maxBytes: number }
  /** Primary: this backup cannot hold the data, and the monitor is asked for another (M3). */
  | { readonly kind: 'backup-without-room'; readonly backup: string }
  | { readonly kind: 'refused-seat'; readonly reason: string }
  | { readonly kind: 'leaving'; readonly waitsFor: string }
  | Refused;

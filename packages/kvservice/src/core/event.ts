/** What happens to a replica, one at a time. */
import type { Identity, View } from '@understudy/sysmonitor';
import type { Consistency, Origin } from '../contract.ts';
import type { Answer, PeerMessage } from './message.ts';
import type { Operation } from './operation.ts';
import type { ScanQuery } from './scan.ts';

/** A moment, read after the event had arrived: monotonic and wall clock, both in milliseconds (L3). */
export interface Instant {
  readonly now: number;
  readonly wall: number;
}

/** The way back to whoever asked; the core only hands it on. */
export type Requester = unknown;

export type Query =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'scan'; readonly query: ScanQuery }
  /** Hold this moment, to be read page by page. */
  | { readonly kind: 'open-snapshot' }
  /** The commit index itself, for a backup (L5). */
  | { readonly kind: 'position' };

export interface ReadEvent {
  readonly kind: 'read';
  readonly requester: Requester;
  readonly query: Query;
  /** Absent: linearizable, at the primary only. */
  readonly consistency?: Consistency | undefined;
  readonly atLeast?: number | undefined;
}

/** A page of a moment that this run holds; what it is does not change any more, whoever is primary by now. */
export interface SnapshotReadEvent {
  readonly kind: 'snapshot-read';
  readonly requester: Requester;
  readonly snapshot: string;
  readonly query: ScanQuery;
}

export interface WriteEvent {
  readonly kind: 'write';
  readonly requester: Requester;
  readonly operation: Operation;
  readonly origin?: Origin | undefined;
  /**
   * Address of the machine that asks; absent where nobody knows it. It counts for room in the table of sessions alone
   * (S5).
   */
  readonly from?: string | undefined;
}

/** Requests that came together: taken one after the other, at one moment. */
export interface RequestsEvent {
  readonly kind: 'requests';
  readonly requests: readonly (ReadEvent | WriteEvent)[];
}

/** What is asked with an event, by one or many. */
export function requestsOf(event: Event): readonly (ReadEvent | WriteEvent)[] {
  if (event.kind === 'requests') return event.requests;
  return event.kind === 'read' || event.kind === 'write' ? [event] : NO_REQUESTS;
}

const NO_REQUESTS: readonly (ReadEvent | WriteEvent)[] = [];

export type Event =
  /** Time went on. Comes several times in a lease. */
  | { readonly kind: 'tick' }
  /** Everything that one turn of the event loop brought has been handled. */
  | { readonly kind: 'turn-end' }
  /** The monitor answered a ping of that viewnum. `alone`: it knows of no other server that stays (V14). */
  | { readonly kind: 'pinged'; readonly viewnum: number; readonly view: View; readonly alone?: boolean }
  /** The monitor has heard of a newer run of this server while this one was starting: now it is that of this greater incarnation (V11). */
  | { readonly kind: 'outnumbered'; readonly incarnation: string }
  | WriteEvent
  | ReadEvent
  | SnapshotReadEvent
  | RequestsEvent
  | { readonly kind: 'message'; readonly requester: Requester; readonly message: PeerMessage }
  | { readonly kind: 'answer'; readonly from: string; readonly number: number; readonly answer: Answer }
  /** The message got no answer: lost, late, or refused by the transport. */
  | { readonly kind: 'unanswered'; readonly to: string; readonly number: number }
  /** What came of `ask-monitor`; undefined: no monitor has answered with a view. */
  | { readonly kind: 'monitor-told'; readonly number: number; readonly view: View | undefined }
  /** What came of `ask-server`; undefined: no server has answered there. */
  | { readonly kind: 'server-told'; readonly number: number; readonly identity: Identity | undefined }
  /** Everything up to the write of that number is on stable storage (R9). */
  | { readonly kind: 'persisted'; readonly number: number }
  /** This server is to leave on purpose (V14). */
  | { readonly kind: 'leave' };

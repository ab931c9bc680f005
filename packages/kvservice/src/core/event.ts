/**
 * The events that a replica handles, one at a time. Everything from outside reaches the core as one of these: requests,
 * messages of other servers, ticks, answers of the monitor, and completed writes.
 */
import type { Identity, View } from '@understudy/sysmonitor';
import type { Consistency, Origin } from '../contract.ts';
import type { Answer, PeerMessage } from './message.ts';
import type { Operation } from './operation.ts';
import type { ScanQuery } from './scan.ts';

/** A moment on the monotonic and the wall clock, both in milliseconds. It must be read after the event arrived (L3). */
export interface Instant {
  readonly now: number;
  readonly wall: number;
}

/** An opaque handle for returning an answer to the caller. The core only passes it on. */
export type Requester = unknown;

export type Query =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'scan'; readonly query: ScanQuery }
  /** Opens a snapshot of this moment, to be read page by page. */
  | { readonly kind: 'open-snapshot' }
  /** Asks for the commit index, on behalf of a backup (L5). */
  | { readonly kind: 'position' };

export interface ReadEvent {
  readonly kind: 'read';
  readonly requester: Requester;
  readonly query: Query;
  /** If absent, the read is linearizable and only the primary answers it. */
  readonly consistency?: Consistency | undefined;
  readonly atLeast?: number | undefined;
}

/**
 * Reads a page of a snapshot that this run holds. The snapshot does not change, so any server may answer, whatever its
 * role is by now.
 */
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
   * The address of the client's machine, if known. It is only used to share out the places in the table of sessions
   * (S5).
   */
  readonly from?: string | undefined;
}

/** Requests that arrived together. They are handled one after the other, at the same moment. */
export interface RequestsEvent {
  readonly kind: 'requests';
  readonly requests: readonly (ReadEvent | WriteEvent)[];
}

/** The client requests in an event. */
export function requestsOf(event: Event): readonly (ReadEvent | WriteEvent)[] {
  if (event.kind === 'requests') return event.requests;
  return event.kind === 'read' || event.kind === 'write' ? [event] : NO_REQUESTS;
}

const NO_REQUESTS: readonly (ReadEvent | WriteEvent)[] = [];

export type Event =
  /** Time passed. A tick comes several times per lease. */
  | { readonly kind: 'tick' }
  /** All events of one turn of the event loop have been handled. */
  | { readonly kind: 'turn-end' }
  /** The monitor answered a ping with that viewnum. `alone` means that it knows of no other server that stays (V14). */
  | { readonly kind: 'pinged'; readonly viewnum: number; readonly view: View; readonly alone?: boolean }
  /**
   * The monitor knows a newer incarnation of this server, although this run is just starting. This run takes the
   * greater incarnation given here (V11).
   */
  | { readonly kind: 'outnumbered'; readonly incarnation: string }
  | WriteEvent
  | ReadEvent
  | SnapshotReadEvent
  | RequestsEvent
  | { readonly kind: 'message'; readonly requester: Requester; readonly message: PeerMessage }
  | { readonly kind: 'answer'; readonly from: string; readonly number: number; readonly answer: Answer }
  /** The message got no answer: it was lost or late, or the transport refused it. */
  | { readonly kind: 'unanswered'; readonly to: string; readonly number: number }
  /** The result of `ask-monitor`; `view` is undefined if no monitor answered with a view. */
  | { readonly kind: 'monitor-told'; readonly number: number; readonly view: View | undefined }
  /** The result of `ask-server`; `identity` is undefined if no server answered at that address. */
  | { readonly kind: 'server-told'; readonly number: number; readonly identity: Identity | undefined }
  /** All writes up to that number are on stable storage (R9). */
  | { readonly kind: 'persisted'; readonly number: number }
  /** The operator asked this server to leave (V14). */
  | { readonly kind: 'leave' };

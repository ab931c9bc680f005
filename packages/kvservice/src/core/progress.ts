/** What a primary knows of one backup. */
import type { Instant } from './event.ts';
import type { LargeEntry } from './large-entry.ts';
import { NEVER } from './lease.ts';
import type { Pace } from './pace.ts';
import { RoundTrip } from './round-trip.ts';
import type { Sending } from './sending.ts';

export interface Progress {
  readonly server: string;
  readonly incarnation: string;
  /** Probing: one batch, and heartbeats after it, until one of them is accepted. Streaming: a window of prepares. */
  mode: 'probe' | 'stream' | 'transfer';
  /** The last index that it is known to hold. */
  match: number;
  /** The next index to send. */
  next: number;
  /** Its memory is full: it is to get no more data (M2). */
  isFull: boolean;
  /** It cannot hold the data: the monitor is asked for another backup (M3). */
  hasNoRoom: boolean;
  /** Its answers count for commits and leases (R4). */
  counted: boolean;
  /** It has answered in this view, so the view need not travel any more (R2). */
  knowsView: boolean;
  /** Messages without an answer yet, by number. */
  readonly sent: Map<number, Sent>;
  /** Messages with a lower number say nothing of what to send next. */
  flowFrom: number;
  /** How many of `sent` steer and are not below `flowFrom`. */
  inFlight: number;
  /** UTF-16 units of these, about. */
  unitsInFlight: number;
  readonly pace: Pace;
  /** Of messages that steer; with the time that their texts take on the line. */
  readonly flowTrip: RoundTrip;
  /** Of empty messages. */
  readonly signTrip: RoundTrip;
  /** The entry that is sent in pieces now. */
  large: LargeEntry | undefined;
  /** The highest number that it accepted in this view (L4). */
  confirmed: number;
  lease: Instant;
  /** When the last sign of life was asked for, or a message was sent that has been accepted since. */
  lastSignAtMs: number;
  retryAtMs: number;
  /** Running time of this primary without an answer (V13). */
  silentMs: number;
  /** Running time of this primary in which something that steers was under way, and nothing of it was answered (V13). */
  stuckMs: number;
  /** It was told already that the way to this backup takes too long for the leases. */
  isDistant: boolean;
  sending: Sending | undefined;
  /** How it is brought up to date in this view, once that was said. */
  catchingUp: 'entries' | 'snapshot' | undefined;
}

export interface Sent {
  readonly at: Instant;
  /** False: only a sign of life is asked for; the answer says nothing of what to send next. */
  readonly steers: boolean;
  /** The last index that an acceptance of it verifies; undefined: it is no prepare. */
  readonly verifies: number | undefined;
  readonly units: number;
  /** Of a piece of a large entry: units of its text up to the end of this piece; Infinity of the prepare behind the last one. */
  readonly pieceEnd: number | undefined;
}

export interface NewProgress {
  readonly server: string;
  readonly incarnation: string;
  readonly counted: boolean;
  readonly next: number;
  readonly pace: Pace;
}

export function newProgress({ server, incarnation, counted, next, pace }: NewProgress): Progress {
  return {
    server,
    incarnation,
    pace,
    mode: 'probe',
    match: 0,
    next,
    counted,
    isFull: false,
    hasNoRoom: false,
    knowsView: false,
    sent: new Map(),
    flowFrom: 0,
    inFlight: 0,
    unitsInFlight: 0,
    flowTrip: new RoundTrip(),
    signTrip: new RoundTrip(),
    large: undefined,
    confirmed: 0,
    lease: NEVER,
    lastSignAtMs: -Infinity,
    retryAtMs: -Infinity,
    silentMs: 0,
    stuckMs: 0,
    isDistant: false,
    sending: undefined,
    catchingUp: undefined,
  };
}

/** No transfer to it is under way any more: nobody needs the snapshot. */
export function endSending(progress: Progress): void {
  progress.sending?.end();
  progress.sending = undefined;
}

/** One of its probes was accepted: what was sent before that one is made up for by what follows it. */
export function streamFrom(progress: Progress, accepted: number): void {
  progress.mode = 'stream';
  progress.flowFrom = accepted + 1;
  progress.inFlight = 0;
  progress.unitsInFlight = 0;
  for (const [number, { steers, units }] of progress.sent) {
    if (!steers || number <= accepted) continue;
    progress.inFlight += 1;
    progress.unitsInFlight += units;
  }
}

/** Sends one at a time from `next` on; answers to what is under way no longer steer. */
export function probeFrom(progress: Progress, next: number, nextNumber: number): void {
  progress.mode = 'probe';
  progress.next = next;
  forgetFlow(progress, nextNumber);
}

/** Begins again where the backup is known to stand. */
export function restartFlow(progress: Progress, nextNumber: number): void {
  if (progress.mode === 'transfer') forgetFlow(progress, nextNumber);
  else probeFrom(progress, progress.mode === 'stream' ? progress.match + 1 : progress.next, nextNumber);
}

/** In a later view of the same primary: what is held stays held; everything else must be shown anew (R4). */
export function carryOver(progress: Progress, counted: boolean, next: number, nextNumber: number): void {
  progress.counted = counted;
  progress.knowsView = false;
  progress.confirmed = 0;
  progress.catchingUp = undefined;
  progress.sent.clear();
  progress.retryAtMs = -Infinity;
  progress.stuckMs = 0;
  // The view travels with a prepare; a transfer goes on when the answer shows that it is still wanted.
  probeFrom(progress, progress.mode === 'stream' ? progress.match + 1 : next, nextNumber);
}

/** Pieces are sent again from `units` on; answers to those that are under way no longer steer. */
export function piecesFrom(progress: Progress, next: number, units: number, nextNumber: number): void {
  progress.next = next;
  progress.large?.sendFrom(units);
  forgetFlow(progress, nextNumber);
}

function forgetFlow(progress: Progress, nextNumber: number): void {
  progress.flowFrom = nextNumber;
  progress.inFlight = 0;
  progress.unitsInFlight = 0;
  progress.large?.sendAgain();
}

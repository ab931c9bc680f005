/**
 * What a primary knows about one backup: what it holds, what is in flight, its lease, and how fast it answers.
 *
 * `mode` works as in Raft's Progress. In `probe` one message is in flight at a time, in `stream` a window of them, and
 * in `transfer` the chunks of a snapshot. Only messages that *steer* decide what is sent next, and only those sent
 * since `flowFrom`: after a loss the answers to older ones say nothing about the new position.
 */
import type { Instant } from './event.ts';
import type { LargeEntry } from './large-entry.ts';
import { NEVER } from './lease.ts';
import type { Pace } from './pace.ts';
import { RoundTrip } from './round-trip.ts';
import type { Sending } from './sending.ts';

export interface Progress {
  readonly server: string;
  readonly incarnation: string;
  /** `probe`: one batch at a time, and heartbeats, until one of them is accepted. `stream`: a window of prepares. */
  mode: 'probe' | 'stream' | 'transfer';
  /** The last index that the backup is known to hold. */
  match: number;
  /** The next index to send. */
  next: number;
  /** The backup's memory is full: it gets no more data (M2). */
  isFull: boolean;
  /** The backup cannot hold the data: the monitor is asked for another one (M3). */
  hasNoRoom: boolean;
  /** The backup's answers count for commits and leases (R4). */
  counted: boolean;
  /** The backup has answered in this view, so messages need not carry the view any more (R2). */
  knowsView: boolean;
  /** Unanswered messages, by number. */
  readonly sent: Map<number, Sent>;
  /** Messages with a lower number no longer decide what is sent next. */
  flowFrom: number;
  /** The number of messages in `sent` that steer and are not below `flowFrom`. */
  inFlight: number;
  /** The approximate UTF-16 units of the messages counted by `inFlight`. */
  unitsInFlight: number;
  readonly pace: Pace;
  /** Round trips of messages that steer, including the time to transmit their texts. */
  readonly flowTrip: RoundTrip;
  /** Round trips of empty messages. */
  readonly signTrip: RoundTrip;
  /** The large entry that is being sent in pieces. */
  large: LargeEntry | undefined;
  /** The highest message number that the backup accepted in this view (L4). */
  confirmed: number;
  lease: Instant;
  /** When the last sign of life was requested, or when a message was sent that has been accepted since. */
  lastSignAtMs: number;
  retryAtMs: number;
  /** Running time of this primary without any answer from the backup (V13). */
  silentMs: number;
  /** Running time of this primary during which steering messages were in flight and none was answered (V13). */
  stuckMs: number;
  /** The operator was already told that the round trip to this backup is too long for leases. */
  isDistant: boolean;
  sending: Sending | undefined;
  /** How the backup is brought up to date in this view; undefined until that was reported. */
  catchingUp: 'entries' | 'snapshot' | undefined;
}

export interface Sent {
  readonly at: Instant;
  /** False for a request for a sign of life: its answer does not decide what is sent next. */
  readonly steers: boolean;
  /** The last index that the backup verifies by accepting the message; undefined if the message is not a prepare. */
  readonly verifies: number | undefined;
  readonly units: number;
  /**
   * For a piece of a large entry: the units of its text up to the end of this piece. Infinity for the prepare after the
   * last piece.
   */
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

/** Ends the transfer to the backup and releases its snapshot. */
export function endSending(progress: Progress): void {
  progress.sending?.end();
  progress.sending = undefined;
}

/** Starts streaming after an accepted probe. Messages sent before that one no longer count as in flight. */
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

/** Returns to probing from `next`. Answers to messages in flight no longer steer. */
export function probeFrom(progress: Progress, next: number, nextNumber: number): void {
  progress.mode = 'probe';
  progress.next = next;
  forgetFlow(progress, nextNumber);
}

/** Restarts sending from the last position that the backup is known to have. */
export function restartFlow(progress: Progress, nextNumber: number): void {
  if (progress.mode === 'transfer') forgetFlow(progress, nextNumber);
  else probeFrom(progress, progress.mode === 'stream' ? progress.match + 1 : progress.next, nextNumber);
}

/**
 * Prepares the record for a later view of the same primary. What the backup holds stays known; the rest must be shown
 * again (R4).
 */
export function carryOver(progress: Progress, counted: boolean, next: number, nextNumber: number): void {
  progress.counted = counted;
  progress.knowsView = false;
  progress.confirmed = 0;
  progress.catchingUp = undefined;
  progress.sent.clear();
  progress.retryAtMs = -Infinity;
  progress.stuckMs = 0;
  // The new view is sent with a prepare. A transfer resumes when the answer shows that it is still needed.
  probeFrom(progress, progress.mode === 'stream' ? progress.match + 1 : next, nextNumber);
}

/** Resends pieces from `units` on. Answers to pieces in flight no longer steer. */
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

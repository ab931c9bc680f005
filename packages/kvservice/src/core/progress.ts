/** What a primary knows of one backup. */
import type { Instant } from './event.ts';
import { NEVER } from './lease.ts';
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
  /** The highest number that it accepted in this view (L4). */
  confirmed: number;
  lease: Instant;
  lastSentAtMs: number;
  retryAtMs: number;
  /** Running time of this primary without an answer (V13). */
  silentMs: number;
  sending: Sending | undefined;
  /** How it is brought up to date in this view, once that was said. */
  catchingUp: 'entries' | 'snapshot' | undefined;
}

interface Sent {
  readonly at: Instant;
  /** False: only a sign of life is asked for; the answer says nothing of what to send next. */
  readonly steers: boolean;
  /** The last index that an acceptance of it verifies; undefined: it is no prepare. */
  readonly verifies: number | undefined;
}

export function newProgress(server: string, incarnation: string, counted: boolean, next: number): Progress {
  return {
    server,
    incarnation,
    mode: 'probe',
    match: 0,
    next,
    counted,
    knowsView: false,
    sent: new Map(),
    flowFrom: 0,
    inFlight: 0,
    confirmed: 0,
    lease: NEVER,
    lastSentAtMs: -Infinity,
    retryAtMs: -Infinity,
    silentMs: 0,
    sending: undefined,
    catchingUp: undefined,
  };
}

/** One of its probes was accepted: what was sent before that one is made up for by what follows it. */
export function streamFrom(progress: Progress, accepted: number): void {
  progress.mode = 'stream';
  progress.flowFrom = accepted + 1;
  progress.inFlight = 0;
  for (const [number, { steers }] of progress.sent) if (steers && number > accepted) progress.inFlight += 1;
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
  // The view travels with a prepare; a transfer goes on when the answer shows that it is still wanted.
  probeFrom(progress, progress.mode === 'stream' ? progress.match + 1 : next, nextNumber);
}

function forgetFlow(progress: Progress, nextNumber: number): void {
  progress.flowFrom = nextNumber;
  progress.inFlight = 0;
}

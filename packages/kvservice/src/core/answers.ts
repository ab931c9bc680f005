/**
 * How a primary handles the answers of its backups: it advances `match`, renews leases, and decides what to send next
 * (R3, R4, L1).
 *
 * An answer is used only if it fits the message that it names. Answers to messages that no longer steer renew leases,
 * but do not change what is sent next.
 */
import { unreachable } from '@understudy/rpc';
import type { Position } from '@understudy/sysmonitor';
import { silenceMs } from './config.ts';
import { later, leaseFrom } from './lease.ts';
import type { Answer } from './message.ts';
import { endSending, type Progress, piecesFrom, probeFrom, restartFlow, type Sent, streamFrom } from './progress.ts';
import { newSending } from './replicate.ts';
import type { Primary } from './role.ts';
import { messageUnits } from './send.ts';
import type { ReplicaState } from './state.ts';

/**
 * Handles an answer to a message of this view. Answers to messages of earlier views are ignored, because those are no
 * longer in `sent`.
 */
export function onBackupAnswer(
  state: ReplicaState,
  primary: Primary,
  from: string,
  number: number,
  answer: Answer,
): void {
  const progress = primary.backups.get(from);
  const sent = progress?.sent.get(number);
  if (progress === undefined || sent === undefined) return;
  progress.sent.delete(number);
  const steers = sent.steers && number >= progress.flowFrom;
  const misfit = misfitOf(answer, sent);
  if (misfit !== undefined) {
    state.refuseMessage({ method: `kv.${kindOf(sent)}`, from, why: 'unfit', reason: misfit });
    return onLost(state, progress, number, sent);
  }
  if (steers) noteFlow(state, progress, number, sent);
  else noteSign(state, progress, sent);
  switch (answer.kind) {
    case 'accepted':
      progress.lease = later(progress.lease, leaseFrom(sent.at, state.config.leaseMs));
      progress.lastSignAtMs = Math.max(progress.lastSignAtMs, sent.at.now);
      progress.isFull = answer.full === true;
      return onAccepted(state, progress, number, answer.verified, steers);
    case 'mismatch':
      progress.knowsView = true;
      progress.silentMs = 0;
      if (steers) onMismatch(state, progress, answer.last, answer.commit);
      return;
    case 'taken':
      progress.silentMs = 0;
      if (steers && answer.transfer === progress.sending?.id) onTaken(state, progress, answer.next);
      return;
    case 'pieces':
      progress.silentMs = 0;
      if (answer.entry.index === progress.large?.index) onPieces(state, progress, sent, answer.units, steers);
      return;
    case 'no-room':
      if (steers && answer.transfer === progress.sending?.id) onNoRoom(state, progress);
      return;
    case 'unwanted':
      if (steers && answer.transfer === progress.sending?.id) abandonTransfer(state, progress);
      return;
    case 'view-wanted':
      progress.knowsView = false;
      if (steers)
        probeFrom(
          progress,
          progress.mode === 'stream' ? progress.match + 1 : state.log.lastIndex + 1,
          state.nextNumber,
        );
      return;
    case 'refused':
      if (steers) onUnanswered(state, progress);
      return;
    case 'released':
    case 'position':
    case 'stale':
      return;
    default:
      return unreachable(answer);
  }
}

/**
 * Returns why the answer does not fit the message it names; undefined if it fits. A well-formed answer may still belong
 * to another message (R3).
 */
function misfitOf(answer: Answer, sent: Sent): string | undefined {
  switch (answer.kind) {
    case 'accepted':
      if (answer.verified === sent.verifies) return undefined;
      return `verified is ${answer.verified}, the message ended at ${sent.verifies}`;
    case 'taken':
    case 'unwanted':
      return kindOf(sent) === 'chunk' ? undefined : 'it is about a transfer, the message was none';
    case 'pieces':
      return sent.pieceEnd === undefined ? 'it is about pieces, the message was none' : undefined;
    default:
      return undefined;
  }
}

function kindOf({ verifies, pieceEnd }: Sent): 'prepare' | 'piece' | 'chunk' {
  if (verifies !== undefined) return 'prepare';
  return pieceEnd === undefined ? 'chunk' : 'piece';
}

/** A message to a backup was lost, or got no answer in time. */
export function onBackupSilence(state: ReplicaState, primary: Primary, to: string, number: number): void {
  const progress = primary.backups.get(to);
  const sent = progress?.sent.get(number);
  if (progress === undefined || sent === undefined) return;
  progress.sent.delete(number);
  onLost(state, progress, number, sent);
}

function onLost(state: ReplicaState, progress: Progress, number: number, sent: Sent): void {
  if (!sent.steers) return progress.signTrip.unanswered();
  if (number < progress.flowFrom) return;
  progress.inFlight -= 1;
  progress.unitsInFlight -= sent.units;
  progress.flowTrip.unanswered();
  progress.pace.late(number, state.nextNumber);
  onUnanswered(state, progress);
}

/**
 * A steering message was answered. Updates what is in flight, and the pace, from the time that the answer took (V13).
 */
function noteFlow(state: ReplicaState, progress: Progress, number: number, sent: Sent): void {
  const { flowTrip, pace, unitsInFlight } = progress;
  const { now } = state.at;
  progress.inFlight -= 1;
  progress.unitsInFlight -= sent.units;
  progress.stuckMs = 0;
  flowTrip.answered(sent.at.now, now);
  if (now - sent.at.now > promptMs(state, progress)) pace.late(number, state.nextNumber);
  else pace.prompt(sent.units, unitsInFlight);
}

/** An answer within this time has not waited long in a queue on the network. */
function promptMs({ config }: ReplicaState, { flowTrip, signTrip }: Progress): number {
  const baseMs = Math.min(flowTrip.baseMs, signTrip.baseMs);
  // At most half of the time after which a message counts as lost, even if a full queue has slowed down the fastest
  // answers.
  return Math.min(baseMs + config.pingIntervalMs, Math.max(silenceMs(config) / 2, 1.25 * baseMs));
}

/**
 * Reports, once for each backup and view, that the round trip is too long for leases. Even the fastest answer would
 * then arrive when its lease is over, or nearly over.
 */
function noteSign(state: ReplicaState, progress: Progress, sent: Sent): void {
  if (sent.steers) return;
  const { signTrip, isDistant, server: backup } = progress;
  const { leaseMs } = state.config;
  signTrip.answered(sent.at.now, state.at.now);
  if (isDistant || (signTrip.knownMs ?? 0) < DISTANT * leaseMs) return;
  progress.isDistant = true;
  const roundTripMs = signTrip.baseMs;
  state.notice({ kind: 'backup-distant', backup, roundTripMs, leaseMs, silenceMs: silenceMs(state.config) });
}

/**
 * A lease is renewed after a quarter of its length. If the round trip takes the other three quarters, it expires before
 * the renewal.
 */
const DISTANT = 3 / 4;

function onUnanswered(state: ReplicaState, progress: Progress): void {
  restartFlow(progress, state.nextNumber);
  progress.retryAtMs = state.at.now + state.config.pingIntervalMs / 4;
}

function onAccepted(state: ReplicaState, progress: Progress, number: number, verified: number, steers: boolean): void {
  progress.knowsView = true;
  progress.silentMs = 0;
  progress.confirmed = Math.max(progress.confirmed, number);
  progress.match = Math.max(progress.match, verified);
  if (steers && progress.mode === 'probe') streamFrom(progress, number);
  if (progress.mode === 'transfer') abandonTransfer(state, progress);
  if (progress.mode === 'stream') progress.next = Math.max(progress.next, progress.match + 1);
  if (progress.large !== undefined && progress.match >= progress.large.index) progress.large = undefined;
  if (!progress.counted) considerCounting(state, progress);
}

/**
 * The backup has received `units` of the text. Continue from there; if a piece was lost on the way, go back to that
 * point.
 */
function onPieces(state: ReplicaState, progress: Progress, sent: Sent, units: number, steers: boolean): void {
  const { large } = progress;
  if (large === undefined) return;
  if (units >= (sent.pieceEnd ?? Infinity)) return large.taken(units);
  if (steers && progress.mode === 'stream') piecesFrom(progress, large.index, units, state.nextNumber);
}

/**
 * Counts a syncing backup once it misses at most one batch of committed entries (R4). From then on nothing commits
 * without it, so what it misses is bounded, and continuous writes cannot keep it out. The view is acknowledged only
 * when the backup holds everything.
 */
function considerCounting(state: ReplicaState, progress: Progress): void {
  const missing = state.commitIndex - progress.match;
  progress.catchingUp ??= announceEntries(state, progress, missing);
  if (missing > state.config.limits.prepareEntries) return;
  progress.counted = true;
  if (progress.catchingUp === 'entries') state.counters.catchUpsByEntries += 1;
  endSending(progress);
}

function announceEntries(state: ReplicaState, progress: Progress, missing: number): 'entries' {
  state.notice({ kind: 'sync-started', backup: progress.server, by: 'entries', records: Math.max(0, missing) });
  return 'entries';
}

/**
 * Continues from the last entry that both logs have. That is the last entry of the backup's log, or else its last
 * committed entry, so it is found in at most two steps.
 */
function onMismatch(state: ReplicaState, progress: Progress, last: Position, commit: Position): void {
  // An entry committed at the backup is in this log too. If this log had another entry there, the next probe would stop
  // that backup (R3).
  const committed = commit.index < state.log.base.index ? undefined : commit.index;
  const common = state.log.has(last) ? last.index : committed;
  // If this log no longer has that entry, the next probe finds out, and a transfer begins.
  probeFrom(progress, common === undefined ? 0 : common + 1, state.nextNumber);
  progress.retryAtMs = -Infinity;
}

function onTaken(state: ReplicaState, progress: Progress, next: number): void {
  const { sending } = progress;
  if (sending === undefined || next === sending.chunk.order) return;
  if (next !== sending.chunk.order + 1) return startOver(state, progress, 'the receiver has lost what it had');
  const { last } = sending.chunk;
  if (!last) {
    sending.advance(messageUnits(state, progress));
    state.notice({ kind: 'sync-progress', backup: progress.server, sent: sending.sent, total: sending.total });
    return;
  }
  probeFrom(progress, sending.position.index + 1, state.nextNumber);
}

/**
 * The backup has too little memory for the data. It refuses the transfer instead of crashing, and another server may
 * take its seat (M3). The next attempt comes with the next view.
 */
function onNoRoom(state: ReplicaState, progress: Progress): void {
  progress.silentMs = 0;
  onUnanswered(state, progress);
  if (progress.hasNoRoom) return;
  progress.hasNoRoom = true;
  state.notice({ kind: 'backup-without-room', backup: progress.server });
}

function startOver(state: ReplicaState, progress: Progress, reason: string): void {
  state.counters.transfersRestarted += 1;
  state.notice({ kind: 'sync-restarted', backup: progress.server, reason });
  newSending(state, progress);
}

function abandonTransfer(state: ReplicaState, progress: Progress): void {
  endSending(progress);
  probeFrom(progress, state.log.lastIndex + 1, state.nextNumber);
}

/** What a primary learns from its backups' answers (R3, R4, L1). */
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

/** An answer from a backup to a message of this view. Answers to earlier views' messages are no longer waited for. */
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

/** What is wrong about an answer to a message of this view; it may be whole, and yet not be an answer to this one (R3). */
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

/** A message to a backup was lost, or as good as lost. */
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

/** Something of what is sent in order has got through: what that says of the line (V13). */
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

/** Within this time an answer has not waited long in a queue on the way. */
function promptMs({ config }: ReplicaState, { flowTrip, signTrip }: Progress): number {
  const baseMs = Math.min(flowTrip.baseMs, signTrip.baseMs);
  // Not more than half of what is taken for a loss, however slow the fastest answers have become in the queue.
  return Math.min(baseMs + config.pingIntervalMs, Math.max(silenceMs(config) / 2, 1.25 * baseMs));
}

/** Says once for each backup and view that leases do not fit the way to it: no answer at all, however fast, could make them stand. */
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

/** A lease is renewed when a quarter of it is over; with a round trip of so much of it, it runs out before that. */
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

/** The backup has so much of the text: on from there, or back to there if something on the way was lost. */
function onPieces(state: ReplicaState, progress: Progress, sent: Sent, units: number, steers: boolean): void {
  const { large } = progress;
  if (large === undefined) return;
  if (units >= (sent.pieceEnd ?? Infinity)) return large.taken(units);
  if (steers && progress.mode === 'stream') piecesFrom(progress, large.index, units, state.nextNumber);
}

/**
 * A syncing backup counts once it is about to hold everything committed (R4): nothing commits without it from here on, so what
 * it still misses is bounded, and writes that never pause cannot keep it out. The view is acknowledged only once it holds
 * everything.
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

/** Goes on from the last entry that both have, found in at most two steps: the end of its log, or what of it is committed. */
function onMismatch(state: ReplicaState, progress: Progress, last: Position, commit: Position): void {
  // What is committed there is here too: were it another entry, the next probe would stop that backup (R3).
  const committed = commit.index < state.log.base.index ? undefined : commit.index;
  const common = state.log.has(last) ? last.index : committed;
  // Where the log does not reach back so far, the next probe finds that, and a transfer begins.
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

/** It does not die of what it cannot hold, and takes no seat: another server may (M3). The next attempt comes with the next view. */
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

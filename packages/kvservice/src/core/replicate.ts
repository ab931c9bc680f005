/**
 * Sending: entries, heartbeats and transfers, each backup at its own pace (R2, R7). What is large travels in pieces, and on a connection
 * of its own; heartbeats have another one, and name an entry that the backup is known to have, so that they may overtake what is large (V13).
 */
import { assert } from '@understudy/rpc';
import type { Batch } from './log.ts';
import { weightOfTexts } from './operation.ts';
import { endSending, type Progress } from './progress.ts';
import type { Primary } from './role.ts';
import { askForSign, messageUnits, sendChunk, sendLarge, sendPrepare } from './send.ts';
import { Sending } from './sending.ts';
import type { ReplicaState } from './state.ts';

/** Sends to every backup what it may be sent now. Comes once a turn, so that a turn's entries travel together. */
export function replicate(state: ReplicaState, primary: Primary): void {
  for (const progress of primary.backups.values()) {
    const before = state.counters.prepares;
    pump(state, progress);
    if (primary.confirmWanted && progress.counted && state.counters.prepares === before) askForSign(state, progress);
  }
  primary.confirmWanted = false;
}

/** Keeps leases and commit indexes fresh while nothing else is answered (R5, L1), however much is on its way (V13). */
export function heartbeat(state: ReplicaState, primary: Primary): void {
  for (const progress of primary.backups.values()) {
    if (state.at.now - progress.lastSignAtMs >= state.config.leaseMs / 4) askForSign(state, progress);
  }
}

function pump(state: ReplicaState, progress: Progress): void {
  switch (progress.mode) {
    case 'probe':
      if (isFree(state, progress)) probe(state, progress);
      return;
    case 'transfer':
      if (isFree(state, progress)) sendChunk(state, progress);
      return;
    case 'stream':
      while (progress.next <= state.log.lastIndex && hasRoom(state, progress)) {
        const batch = nextBatch(state, progress);
        if (batch === undefined) return beginTransfer(state, progress);
        if (isLarge(state, progress, batch)) sendLarge(state, progress, batch);
        else {
          sendPrepare(state, progress, batch);
          progress.next += batch.entries.length;
        }
      }
  }
}

function isFree(state: ReplicaState, progress: Progress): boolean {
  return progress.inFlight === 0 && state.at.now >= progress.retryAtMs;
}

function hasRoom(state: ReplicaState, progress: Progress): boolean {
  if (progress.inFlight === 0) return true;
  return progress.inFlight < windowOf(state, progress) && progress.unitsInFlight < progress.pace.allowed;
}

/** One batch; of an entry that is large only the place is asked about. */
function probe(state: ReplicaState, progress: Progress): void {
  const batch = nextBatch(state, progress);
  if (batch === undefined) beginTransfer(state, progress);
  else sendPrepare(state, progress, isLarge(state, progress, batch) ? NOTHING : batch);
}

const NOTHING: Batch = { entries: [], weight: 0 };

/** The next entries for this backup; undefined: the log does not reach back so far. */
function nextBatch(state: ReplicaState, progress: Progress): Batch | undefined {
  const { prepareEntries, prepareWeight } = state.config.limits;
  if (state.log.viewnumAt(progress.next - 1) === undefined) return undefined;
  // One that is far behind gets small bites, so that what the clients wait for is never long behind them.
  const share = isFarBehind(state, progress) ? 4 : 1;
  const weight = Math.min(prepareWeight / share, 2 * progress.pace.messageUnits);
  return state.log.batch(progress.next, { count: prepareEntries / share, weight, each: mostWeight(state, progress) });
}

/** A batch of one entry that is too large for one message, or has begun to travel in pieces. */
function isLarge(state: ReplicaState, progress: Progress, { entries, weight }: Batch): boolean {
  return entries.length === 1 && (progress.large?.index === progress.next || weight > mostWeight(state, progress));
}

function mostWeight(state: ReplicaState, progress: Progress): number {
  return weightOfTexts(messageUnits(state, progress));
}

function windowOf(state: ReplicaState, progress: Progress): number {
  return isFarBehind(state, progress) ? 1 : state.config.limits.window;
}

function isFarBehind(state: ReplicaState, progress: Progress): boolean {
  return !progress.counted && state.log.lastIndex - progress.match > 2 * state.config.limits.prepareEntries;
}

/** A snapshot of this moment, or the rest of a transfer that was interrupted and can go on. */
function beginTransfer(state: ReplicaState, progress: Progress): void {
  progress.mode = 'transfer';
  const { sending } = progress;
  if (sending === undefined || sending.position.index < state.log.base.index) newSending(state, progress);
  if (isFree(state, progress)) sendChunk(state, progress);
}

export function newSending(state: ReplicaState, progress: Progress): void {
  const index = state.commitIndex;
  const viewnum = state.log.viewnumAt(index);
  assert(viewnum !== undefined, 'R12: the log keeps the position of what is committed');
  const id = state.takeNumber();
  endSending(progress);
  progress.sending = new Sending(id, { viewnum, index }, state.machine, messageUnits(state, progress));
  progress.catchingUp = 'snapshot';
  state.counters.transfersStarted += 1;
  state.notice({ kind: 'sync-started', backup: progress.server, by: 'snapshot', records: progress.sending.total });
}

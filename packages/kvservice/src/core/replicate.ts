/**
 * Decides what the primary sends to each backup: entries, heartbeats, and transfers, at the pace of that backup (R2,
 * R7).
 *
 * A large entry is sent in pieces, and a large state in chunks, on a connection of its own. Heartbeats use another
 * connection and name an entry that the backup is known to hold, so they never wait behind large messages (V13).
 */
import { assert } from '@understudy/rpc';
import type { Batch } from './log.ts';
import { weightOfTexts } from './operation.ts';
import { endSending, type Progress } from './progress.ts';
import type { Primary } from './role.ts';
import { askForSign, messageUnits, sendChunk, sendLarge, sendPrepare } from './send.ts';
import { Sending } from './sending.ts';
import type { ReplicaState } from './state.ts';

/**
 * Sends to every backup what its window allows. Called once per turn, so that the entries of one turn are sent
 * together.
 */
export function replicate(state: ReplicaState, primary: Primary): void {
  for (const progress of primary.backups.values()) {
    const before = state.counters.prepares;
    pump(state, progress);
    if (primary.confirmWanted && progress.counted && state.counters.prepares === before) askForSign(state, progress);
  }
  primary.confirmWanted = false;
}

/**
 * Sends an empty prepare to each backup that has accepted no recent message, which keeps leases and commit indexes
 * fresh (R5, L1). It is sent even while much data is in flight (V13).
 */
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

/**
 * Sends one batch and waits for its answer. If the next entry is large, the probe only asks whether the backup has the
 * entry before it.
 */
function probe(state: ReplicaState, progress: Progress): void {
  const batch = nextBatch(state, progress);
  if (batch === undefined) beginTransfer(state, progress);
  else sendPrepare(state, progress, isLarge(state, progress, batch) ? NOTHING : batch);
}

const NOTHING: Batch = { entries: [], weight: 0 };

/** Returns the next entries for this backup; undefined if the log no longer has them. */
function nextBatch(state: ReplicaState, progress: Progress): Batch | undefined {
  const { prepareEntries, prepareWeight } = state.config.limits;
  if (state.log.viewnumAt(progress.next - 1) === undefined) return undefined;
  // A backup that is far behind gets small batches, so that client operations never wait long behind its catch-up.
  const share = isFarBehind(state, progress) ? 4 : 1;
  const weight = Math.min(prepareWeight / share, 2 * progress.pace.messageUnits);
  return state.log.batch(progress.next, { count: prepareEntries / share, weight, each: mostWeight(state, progress) });
}

/** True for a batch of one entry that is too large for one message, or whose pieces are already being sent. */
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

/**
 * Starts a transfer of a new snapshot, or resumes an interrupted transfer if the log still has all entries since its
 * snapshot.
 */
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

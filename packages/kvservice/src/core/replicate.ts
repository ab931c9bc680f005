/** Sending: entries, heartbeats and transfers, each backup at its own pace (R2, R7). */
import { assert } from '@understudy/rpc';
import type { Position } from '@understudy/sysmonitor';
import type { Prepare } from './message.ts';
import type { Entry } from './operation.ts';
import type { Progress } from './progress.ts';
import type { Primary } from './role.ts';
import { Sending } from './sending.ts';
import type { ReplicaState } from './state.ts';

/** Sends to every backup what it may be sent now. Comes once a turn, so that a turn's entries travel together. */
export function replicate(state: ReplicaState, primary: Primary): void {
  for (const progress of primary.backups.values()) {
    const before = state.nextNumber;
    pump(state, progress);
    if (primary.confirmWanted && progress.counted && state.nextNumber === before) sendPrepare(state, progress, []);
  }
  primary.confirmWanted = false;
}

/**
 * Keeps leases and commit indexes fresh while nothing else is sent (R5, L1). A probe or a chunk whose answer is slow, or lost, is
 * followed too: a few lost messages in a row are not to pass for a lost backup (V13).
 */
export function heartbeat(state: ReplicaState, primary: Primary): void {
  for (const progress of primary.backups.values()) {
    const isQuiet = state.at.now - progress.lastSentAtMs >= state.config.leaseMs / 4;
    if (!isQuiet || progress.sent.size >= state.config.limits.window) continue;
    if (progress.mode === 'transfer') askForSign(state, progress);
    else if (mayFollow(state, progress)) sendPrepare(state, progress, []);
  }
}

function mayFollow({ log }: ReplicaState, { mode, next, inFlight }: Progress): boolean {
  return mode === 'stream' || (inFlight > 0 && log.viewnumAt(next - 1) !== undefined);
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
      while (progress.next <= state.log.lastIndex && progress.inFlight < windowOf(state, progress)) {
        const entries = batch(state, progress);
        if (entries === undefined) return beginTransfer(state, progress);
        sendPrepare(state, progress, entries);
        progress.next += entries.length;
      }
  }
}

function isFree(state: ReplicaState, progress: Progress): boolean {
  return progress.inFlight === 0 && state.at.now >= progress.retryAtMs;
}

function probe(state: ReplicaState, progress: Progress): void {
  const entries = batch(state, progress);
  if (entries === undefined) beginTransfer(state, progress);
  else sendPrepare(state, progress, entries);
}

/** The next entries for this backup; undefined: the log does not reach back so far. */
function batch(state: ReplicaState, progress: Progress): readonly Entry[] | undefined {
  const { prepareEntries, prepareWeight } = state.config.limits;
  if (state.log.viewnumAt(progress.next - 1) === undefined) return undefined;
  // One that is far behind gets small bites, so that what the clients wait for is never long behind them.
  const share = isFarBehind(state, progress) ? 4 : 1;
  return state.log.slice(progress.next, prepareEntries / share, prepareWeight / share);
}

function windowOf(state: ReplicaState, progress: Progress): number {
  return isFarBehind(state, progress) ? 1 : state.config.limits.window;
}

function isFarBehind(state: ReplicaState, progress: Progress): boolean {
  return !progress.counted && state.log.lastIndex - progress.match > 2 * state.config.limits.prepareEntries;
}

function sendPrepare(state: ReplicaState, progress: Progress, entries: readonly Entry[]): void {
  const index = progress.next - 1;
  const viewnum = state.log.viewnumAt(index);
  if (viewnum === undefined) return beginTransfer(state, progress);
  noteSent(state, progress, prepare(state, progress, { viewnum, index }, entries), index + entries.length);
}

/** Whoever is still brought up to date does not have the end of the log; that it says so is enough. */
function askForSign(state: ReplicaState, progress: Progress): void {
  const number = prepare(state, progress, state.log.last, []);
  progress.sent.set(number, { at: state.at, steers: false, verifies: state.log.lastIndex });
  progress.lastSentAtMs = state.at.now;
}

function prepare(state: ReplicaState, progress: Progress, previous: Position, entries: readonly Entry[]): number {
  const { server, incarnation, secret, cluster, to, viewnum, number } = state.envelope(progress.incarnation);
  const { view, commitIndex: commit } = state;
  // Nothing behind a spread: V8 takes many times as long, and there are more of these than of all others.
  const message: Prepare = progress.knowsView
    ? { kind: 'prepare', server, incarnation, secret, cluster, to, viewnum, number, previous, entries, commit }
    : { kind: 'prepare', server, incarnation, secret, cluster, to, viewnum, number, view, previous, entries, commit };
  state.send(progress.server, message);
  state.counters.prepares += 1;
  return number;
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
  progress.sending = new Sending(id, { viewnum, index }, state.machine, state.config.limits.chunkUnits);
  progress.catchingUp = 'snapshot';
  state.counters.transfersStarted += 1;
  state.notice({ kind: 'sync-started', backup: progress.server, by: 'snapshot', records: progress.sending.total });
}

function sendChunk(state: ReplicaState, progress: Progress): void {
  const { sending } = progress;
  assert(sending !== undefined, 'R7: a transfer has something to send');
  const envelope = state.envelope(progress.incarnation);
  const { id: transfer, position, total, chunk } = sending;
  state.send(progress.server, { kind: 'chunk', ...envelope, transfer, position, total, ...chunk });
  noteSent(state, progress, envelope.number, undefined);
}

function noteSent(state: ReplicaState, progress: Progress, number: number, verifies: number | undefined): void {
  progress.sent.set(number, { at: state.at, steers: true, verifies });
  progress.inFlight += 1;
  progress.lastSentAtMs = state.at.now;
}

/**
 * Builds and sends the messages of a primary to one backup, one function for each kind.
 *
 * A message with entries or a chunk *steers*: its answer decides what is sent next. A sign of life carries no entries.
 * It may overtake large messages or be overtaken by them, and its answer only renews the lease (L1, V13).
 */
import { assert } from '@understudy/rpc';
import type { Position, View } from '@understudy/sysmonitor';
import { silenceMs } from './config.ts';
import { LargeEntry } from './large-entry.ts';
import type { Batch } from './log.ts';
import type { LargeEntryName, Prepare } from './message.ts';
import type { Entry } from './operation.ts';
import type { Progress, Sent } from './progress.ts';
import type { RoundTrip } from './round-trip.ts';
import type { ReplicaState } from './state.ts';

/** The most text in one message, in UTF-16 units. */
export function messageUnits(state: ReplicaState, { pace }: Progress): number {
  return Math.min(state.config.limits.chunkUnits, pace.messageUnits);
}

/** Sends the entries from `progress.next` on. Without entries it only asks whether the backup has the entry before. */
export function sendPrepare(state: ReplicaState, progress: Progress, { entries, weight }: Batch): void {
  const index = progress.next - 1;
  const viewnum = state.log.viewnumAt(index);
  assert(viewnum !== undefined, 'R7: entries are sent only where the log has the one before them');
  const number = prepare(
    state,
    progress,
    { previous: { viewnum, index }, entries, large: undefined },
    progress.flowTrip,
  );
  const verifies = index + entries.length;
  noteSent(state, progress, { number, verifies, units: weight / 2, pieceEnd: undefined });
}

/** Sends the next piece of a large entry, or, after the last piece, the prepare that makes it an entry. */
export function sendLarge(state: ReplicaState, progress: Progress, { entries }: Batch): void {
  const [entry] = entries;
  assert(entry !== undefined, 'R2: a large entry is one of the log');
  const { next: index } = progress;
  if (progress.large?.index !== index) progress.large = new LargeEntry(index, entry);
  const { large } = progress;
  if (!large.isSent) return sendPiece(state, progress, large);
  const viewnum = state.log.viewnumAt(index - 1);
  assert(viewnum !== undefined, 'R7: entries are sent only where the log has the one before them');
  const name = { viewnum: large.viewnum, units: large.units };
  const content = { previous: { viewnum, index: index - 1 }, entries: [], large: name };
  const number = prepare(state, progress, content, progress.flowTrip);
  noteSent(state, progress, { number, verifies: index, units: 0, pieceEnd: Infinity });
  progress.next += 1;
}

function sendPiece(state: ReplicaState, progress: Progress, large: LargeEntry): void {
  const from = large.sent;
  const text = large.cut(messageUnits(state, progress));
  const envelope = state.envelope(progress.incarnation);
  const entry = { viewnum: large.viewnum, index: large.index };
  const patienceMs = patience(state, progress.flowTrip);
  state.send(progress.server, { kind: 'piece', ...envelope, entry, from, text }, patienceMs);
  noteSent(state, progress, { number: envelope.number, verifies: undefined, units: text.length, pieceEnd: large.sent });
}

export function sendChunk(state: ReplicaState, progress: Progress): void {
  const { sending } = progress;
  assert(sending !== undefined, 'R7: a transfer has something to send');
  const envelope = state.envelope(progress.incarnation);
  const { id: transfer, position, total, chunk, units } = sending;
  const patienceMs = patience(state, progress.flowTrip);
  state.send(progress.server, { kind: 'chunk', ...envelope, transfer, position, total, ...chunk }, patienceMs);
  noteSent(state, progress, { number: envelope.number, verifies: undefined, units, pieceEnd: undefined });
}

/**
 * Sends an empty prepare. Its acceptance grants a lease. If the backup lacks the named entry, the answer still shows
 * that it is alive (V13).
 */
export function askForSign(state: ReplicaState, progress: Progress): void {
  const previous = signPosition(state, progress);
  const content = { previous, entries: [], large: undefined };
  const number = prepare(state, progress, content, progress.signTrip);
  const verifies = previous.index;
  progress.sent.set(number, { at: state.at, steers: false, verifies, units: 0, pieceEnd: undefined });
  progress.lastSignAtMs = state.at.now;
}

/**
 * The position for an empty prepare: an entry that the backup is known to hold, or, if none is known yet, the one that
 * is being probed.
 */
function signPosition({ log }: ReplicaState, { mode, match, next }: Progress): Position {
  // A backup in a transfer must not accept the prepare, because an acceptance would end the transfer.
  if (mode === 'transfer') return log.last;
  const index = match > 0 ? match : next - 1;
  const viewnum = log.viewnumAt(index);
  return viewnum === undefined ? log.last : { viewnum, index };
}

interface Content {
  readonly previous: Position;
  readonly entries: readonly Entry[];
  readonly large: LargeEntryName | undefined;
}

function prepare(state: ReplicaState, progress: Progress, content: Content, trip: RoundTrip): number {
  const { previous, entries, large } = content;
  const { server, incarnation, secret, cluster, to, viewnum, number } = state.envelope(progress.incarnation);
  const { view, commitIndex: commit } = state;
  // No spread here: V8 would take many times as long, and this is by far the most frequent message.
  const bare: Prepare = {
    kind: 'prepare',
    server,
    incarnation,
    secret,
    cluster,
    to,
    viewnum,
    number,
    previous,
    entries,
    commit,
  };
  const message =
    progress.knowsView && large === undefined ? bare : withRest(bare, progress.knowsView ? undefined : view, large);
  state.send(progress.server, message, patience(state, trip));
  state.counters.prepares += 1;
  return number;
}

function withRest(bare: Prepare, view: View | undefined, large: LargeEntryName | undefined): Prepare {
  const withView = view === undefined ? bare : { ...bare, view };
  return large === undefined ? withView : { ...withView, large };
}

function patience({ config }: ReplicaState, trip: RoundTrip): number {
  return trip.patienceMs(2 * config.pingIntervalMs, silenceMs(config));
}

type Steering = Pick<Sent, 'verifies' | 'units' | 'pieceEnd'> & { readonly number: number };

function noteSent(state: ReplicaState, progress: Progress, { number, verifies, units, pieceEnd }: Steering): void {
  progress.sent.set(number, { at: state.at, steers: true, verifies, units, pieceEnd });
  progress.inFlight += 1;
  progress.unitsInFlight += units;
}

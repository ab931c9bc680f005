/**
 * How a backup handles the messages of its primary: prepares, pieces of large entries, chunks of a transfer, and
 * releases (R3, R5, R7, R8, L1, L6).
 *
 * Every message is checked first: cluster, incarnations, viewnum, and the sender's secret. A claim that this server
 * cannot check itself is confirmed by the monitor or by the sender's own address before the message is used
 * (doubts.ts).
 */
import { assert, unreachable } from '@understudy/rpc';
import type { Position } from '@understudy/sysmonitor';
import { Assembly } from './assembly.ts';
import { commitThrough, trimLog } from './commit.ts';
import { doubtRun, doubtView, isFromRun } from './doubts.ts';
import type { Requester } from './event.ts';
import { checkRoom, hasRoomForTransfer } from './memory.ts';
import type { Answer, Chunk, PeerMessage, Piece, Prepare, Release } from './message.ts';
import type { Entry } from './operation.ts';
import { persistInstall, persistLanding, whenDurable } from './persistence.ts';
import { Receiving } from './receiving.ts';
import type { Backup } from './role.ts';
import type { ReplicaState } from './state.ts';

/**
 * A single message that contradicts a committed entry is refused as wrong. If every prepare for a whole lease
 * contradicts, an operator has overruled the monitor (V12), and this server's data belongs to another history. The
 * server then stops.
 */
const GIVEN_UP = 'R3: the primary holds everything that is committed here, and a committed entry is never cut off';

const TOO_MANY = 'too much that others claim is being asked about';

export function onMessage(state: ReplicaState, requester: Requester, message: PeerMessage): void {
  const answer = answerTo(state, requester, message);
  if (answer === undefined) return;
  const effect = { kind: 'answer', requester, answer } as const;
  // The entries that the answer reports must be on disk before the answer leaves (R9).
  if (answer.kind === 'accepted') whenDurable(state, effect);
  else state.effects.push(effect);
}

/** Returns undefined if a claim in the message must be confirmed first. */
function answerTo(state: ReplicaState, requester: Requester, message: PeerMessage): Answer | undefined {
  const { cluster, to } = message;
  if (state.cluster !== '' && cluster !== state.cluster) return misfit(state, message, 'it is of another cluster');
  if (to !== '' && to !== state.incarnation) return misfit(state, message, 'it is for another run of this server');
  return message.kind === 'release' ? onRelease(state, message) : admit(state, requester, message);
}

function misfit(state: ReplicaState, { kind, server }: PeerMessage, reason: string): Answer {
  state.refuseMessage({ method: `kv.${kind}`, from: server, why: 'unfit', reason });
  return refused(reason);
}

/** Accepts messages only from the primary, identified by incarnation, of this server's own view (R3, R8). */
function admit(state: ReplicaState, requester: Requester, message: Prepare | Piece | Chunk): Answer | undefined {
  if (!state.introduced) return refused('the monitor has not heard of this run yet');
  if (message.viewnum < state.view.viewnum) {
    state.counters.staleViewsRefused += 1;
    return { kind: 'stale', view: state.view };
  }
  if (message.viewnum > state.view.viewnum) {
    if (message.kind !== 'prepare' || message.view === undefined) return { kind: 'view-wanted' };
    return doubtView(state, { requester, message }) ? undefined : misfit(state, message, TOO_MANY);
  }
  const { role, view } = state;
  if (role.kind !== 'backup' || message.viewnum !== view.viewnum)
    return refused('this run holds no seat as backup in that view');
  if (
    message.server !== view.primary ||
    message.incarnation !== (view.incarnations?.[view.primary] ?? message.incarnation)
  ) {
    return refused(`the primary of view ${view.viewnum} is another`);
  }
  const isFromPrimary = isFromRun(state, message);
  if (isFromPrimary === false) return misfit(state, message, 'it is not of the run that it names');
  if (isFromPrimary === undefined) {
    if (message.kind !== 'prepare') return { kind: 'view-wanted' };
    return doubtRun(state, { requester, message }) ? undefined : misfit(state, message, TOO_MANY);
  }
  if (role.released) return refused('the primary has released this backup');
  switch (message.kind) {
    case 'prepare':
      return onPrepare(state, role, message);
    case 'piece':
      return onPiece(state, role, message);
    case 'chunk':
      return onChunk(state, role, message);
    default:
      return unreachable(message);
  }
}

function onPrepare(state: ReplicaState, role: Backup, message: Prepare): Answer {
  const { previous, commit } = message;
  const { log } = state;
  if (previous.index > state.commitIndex && !log.has(previous)) {
    return { kind: 'mismatch', last: log.last, commit: { viewnum: viewnumOfCommit(state), index: state.commitIndex } };
  }
  const entries = entriesOf(state, role, message);
  if ('kind' in entries) return entries;
  if (contradictsCommitted(state, previous, entries)) return onConflict(state, role, message);
  role.conflictSinceMs = undefined;
  takeEntries(state, previous.index, entries);
  const verified = previous.index + entries.length;
  role.verified = Math.max(role.verified, verified);
  state.promises.grant(message.incarnation, message.viewnum, state.at.now, state.config.leaseMs);
  if (Math.min(commit, verified) > state.commitIndex) commitThrough(state, Math.min(commit, verified));
  if (!role.complete && verified >= commit) complete(state, role);
  checkRoom(state);
  trimLog(state);
  // A full server trims its log further, so the answer reports the state after that.
  if (state.isFull) checkRoom(state);
  return state.isFull ? { kind: 'accepted', verified, full: true } : { kind: 'accepted', verified };
}

function contradictsCommitted(
  { log, commitIndex }: ReplicaState,
  previous: Position,
  entries: readonly Entry[],
): boolean {
  if (previous.index > commitIndex) return false;
  if (!log.mayHave(previous)) return true;
  let { index } = previous;
  for (const { viewnum } of entries) {
    index += 1;
    if (index > commitIndex) return false;
    if (!log.mayHave({ index, viewnum })) return true;
  }
  return false;
}

function onConflict(state: ReplicaState, role: Backup, { server }: Prepare): Answer {
  role.conflictSinceMs ??= state.at.now;
  assert(state.at.now - role.conflictSinceMs < state.config.leaseMs, GIVEN_UP);
  const reason = 'it contradicts what is committed here';
  state.refuseMessage({ method: 'kv.prepare', from: server, why: 'unfit', reason });
  return refused(reason);
}

/**
 * Returns the entries of a prepare. If the prepare names a large entry, its pieces must have arrived before; otherwise
 * returns the answer that says how much of it has arrived.
 */
function entriesOf(state: ReplicaState, role: Backup, message: Prepare): readonly Entry[] | Answer {
  const { large, previous, incarnation } = message;
  if (large === undefined) return message.entries;
  const position = { viewnum: large.viewnum, index: previous.index + 1 };
  // A repeated prepare: the entry is already in the log, and its pieces were dropped.
  const known = state.log.viewnumAt(position.index) === position.viewnum ? state.log.at(position.index) : undefined;
  if (known !== undefined) return [known];
  // An entry at a committed index is never replaced. Only its (viewnum, index) is compared, so a placeholder is enough.
  if (position.index <= state.commitIndex) return [{ viewnum: large.viewnum, operation: { kind: 'nothing' } }];
  const { assembly } = role;
  const units = assembly?.isOf({ incarnation, entry: position }) ? assembly.units : 0;
  if (assembly === undefined || units !== large.units) return { kind: 'pieces', entry: position, units };
  role.assembly = undefined;
  const entry = assembly.complete();
  return entry === undefined ? refused('the pieces of that entry are no entry') : [entry];
}

/** Takes pieces in order. The answer always says how much of the text has arrived (R2). */
function onPiece(state: ReplicaState, role: Backup, piece: Piece): Answer {
  const { entry, from } = piece;
  const isVerified = entry.index <= role.verified || entry.index <= state.commitIndex;
  if (isVerified) return { kind: 'pieces', entry, units: from + piece.text.length };
  if (role.assembly?.isOf(piece) !== true) {
    if (from !== 0) return { kind: 'pieces', entry, units: 0 };
    role.assembly = new Assembly(piece, state.config.limits.valueUnits);
  }
  role.assembly.take(piece);
  return { kind: 'pieces', entry, units: role.assembly.units };
}

/** Appends the entries that are new. A conflicting suffix of the log is cut off, but never a committed entry (R3). */
function takeEntries(state: ReplicaState, previousIndex: number, entries: readonly Entry[]): void {
  const { log } = state;
  let index = previousIndex;
  for (const entry of entries) {
    index += 1;
    if (index <= state.commitIndex) continue;
    const known = log.viewnumAt(index);
    if (known === entry.viewnum) continue;
    if (known !== undefined) {
      state.counters.suffixesCut += 1;
      state.notice({ kind: 'suffix-cut', entries: log.lastIndex - index + 1 });
      log.cutAbove(index - 1);
      state.noteMeta();
    }
    log.append(entry);
  }
}

/** This server now holds everything committed, so it has fulfilled the view (V7). */
function complete(state: ReplicaState, role: Backup): void {
  role.complete = true;
  role.receiving = undefined;
  state.fulfil(state.view.viewnum);
  whenDurable(state, { kind: 'ping' });
}

/** Takes chunks of a transfer in order. The state in a transfer must be newer than everything verified here (R7). */
function onChunk(state: ReplicaState, role: Backup, chunk: Chunk): Answer {
  const { transfer, position } = chunk;
  const isOld = position.index <= state.commitIndex || position.index < role.verified;
  const isFormer = role.receiving !== undefined && transfer < role.receiving.transfer;
  if (isOld || isFormer) return { kind: 'unwanted', transfer };
  if (role.tooLarge === transfer) return { kind: 'no-room', transfer };
  if (role.receiving?.transfer !== transfer) {
    if (chunk.order !== 0) return { kind: 'taken', transfer, next: 0 };
    const { limits } = state.config;
    const generation = state.journal?.newGeneration() ?? 0;
    role.receiving = new Receiving({ transfer, incarnation: chunk.incarnation, position, generation, limits });
  }
  const { receiving } = role;
  if (chunk.order === receiving.next) {
    const landed = receiving.take(chunk);
    if (landed === undefined) return dropTransfer(state, role, chunk);
    if (!hasRoomForTransfer(state, receiving)) return refuseTransfer(state, role, receiving);
    persistLanding(state, receiving.generation, landed);
  }
  if (chunk.last && chunk.order === receiving.next - 1) install(state, role, chunk);
  return { kind: 'taken', transfer, next: receiving.next };
}

/** Discards the chunks received so far; the old state is unchanged (R10, M3). */
function refuseTransfer(state: ReplicaState, role: Backup, { transfer, machine }: Receiving): Answer {
  role.receiving = undefined;
  role.tooLarge = transfer;
  state.notice({ kind: 'no-room', keys: machine.cells.size, maxBytes: state.config.maxBytes });
  return { kind: 'no-room', transfer };
}

/** Discards a malformed transfer. The answer asks the primary to start again from chunk 0. */
function dropTransfer(state: ReplicaState, role: Backup, { server, transfer, order }: Chunk): Answer {
  role.receiving = undefined;
  const reason = `chunk ${order} of transfer ${transfer} does not go on from those before it, or is no chunk`;
  state.refuseMessage({ method: 'kv.chunk', from: server, why: 'malformed', reason });
  return { kind: 'taken', transfer, next: 0 };
}

/** Replaces the old state with the transferred state in one step (R10). */
function install(state: ReplicaState, role: Backup, { position }: Chunk): void {
  assert(role.receiving !== undefined, 'R10: only what has landed takes a place');
  assert(position.index > state.commitIndex, 'R7: a transfer never takes back what is committed');
  state.machine = role.receiving.machine;
  state.log.restart(position);
  state.commitIndex = position.index;
  persistInstall(state, role.receiving.generation);
  role.receiving = undefined;
}

/** The primary has stopped acting. The promises to its incarnation end, so another server may begin at once (L6). */
function onRelease(state: ReplicaState, message: Release): Answer {
  if (isFromRun(state, message) !== true) return misfit(state, message, 'its sender has not led this server');
  state.promises.release(message.incarnation, message.viewnum);
  if (state.role.kind === 'backup' && message.viewnum === state.view.viewnum && message.server === state.view.primary) {
    state.role.released = true;
  }
  state.effects.push({ kind: 'ping' });
  return { kind: 'released' };
}

function viewnumOfCommit(state: ReplicaState): number {
  const viewnum = state.log.viewnumAt(state.commitIndex);
  assert(viewnum !== undefined, 'R12: the log keeps the position of what is committed');
  return viewnum;
}

function refused(reason: string): Answer {
  return { kind: 'refused', reason };
}

/**
 * Reads that any server answers from its own state, once it has applied enough entries (L5).
 *
 * A `sequential` read waits for the revision that it names. A `linearizable` read at a backup first asks the primary
 * for its commit index, once per turn, and waits until this server has applied that much.
 */

import type { Failure } from './effect.ts';
import type { Query, ReadEvent, SnapshotReadEvent } from './event.ts';
import type { LocalRead } from './role.ts';
import { scan } from './scan.ts';
import type { ReplicaState } from './state.ts';

/** Queues a read at a server that is not primary, or a sequential read on any server. */
export function readLocally(state: ReplicaState, read: ReadEvent): void {
  const { consistency, atLeast = 0 } = read;
  const mayAnswer = state.fulfilled > 0 && (consistency === 'sequential' || state.role.kind === 'backup');
  if (
    consistency === undefined ||
    !mayAnswer ||
    isReadTooMany(state, read.query, state.localReads, (waiting) => waiting.query)
  ) {
    state.refuseAsNotPrimary(read.requester);
    return;
  }
  const deadline = state.at.now + state.config.pingIntervalMs * 2;
  state.localReads.push({
    requester: read.requester,
    query: read.query,
    deadline,
    atLeast,
    isPlaced: consistency === 'sequential',
    askedBy: undefined,
  });
  serveLocalReads(state);
}

/**
 * Whether one more read would exceed the bound. Fewer scans may wait, because all waiting scans are answered in one
 * step.
 */
export function isReadTooMany<T>(
  { config }: ReplicaState,
  query: Query,
  waiting: readonly T[],
  queryOf: (read: T) => Query,
): boolean {
  const { pending, pendingScans } = config.limits;
  if (waiting.length >= pending) return true;
  if (query.kind !== 'scan' || waiting.length < pendingScans) return false;
  return waiting.filter((read) => queryOf(read).kind === 'scan').length >= pendingScans;
}

/** Asks the primary once for all linearizable reads that arrived in this turn. */
export function askForPosition(state: ReplicaState): void {
  if (!state.localReads.some(isUnasked)) return;
  const number = state.takeNumber();
  state.localReads = state.localReads.map((read) => (isUnasked(read) ? { ...read, askedBy: number } : read));
  state.send(state.view.primary, { kind: 'position', number, viewnum: state.view.viewnum });
}

function isUnasked(read: LocalRead): boolean {
  return !read.isPlaced && read.askedBy === undefined;
}

export function onPosition(state: ReplicaState, number: number, commitIndex: number): void {
  state.localReads = state.localReads.map((read) =>
    read.askedBy === number ? { ...read, isPlaced: true, atLeast: Math.max(read.atLeast, commitIndex) } : read,
  );
  serveLocalReads(state);
}

export function serveLocalReads(state: ReplicaState): void {
  if (state.localReads.length === 0) return;
  const waiting: LocalRead[] = [];
  for (const read of state.localReads) {
    if (read.isPlaced && read.atLeast <= state.commitIndex) state.result(read.requester, answer(state, read.query));
    else waiting.push(read);
  }
  state.localReads = waiting;
}

/**
 * Gives up reads that waited too long. Their clients are told to ask the primary; the primary itself answers that no
 * entry has that revision yet.
 */
export function giveUpLocalReads(state: ReplicaState): void {
  if (state.localReads.length === 0) return;
  for (const { requester, deadline, atLeast } of state.localReads) {
    if (deadline > state.at.now) continue;
    if (state.role.kind === 'primary') state.fail(requester, notReached(state, atLeast));
    else state.refuseAsNotPrimary(requester);
  }
  state.localReads = state.localReads.filter((read) => read.deadline > state.at.now);
}

export function notReached({ commitIndex, view }: ReplicaState, atLeast: number): Failure {
  const message = `atLeast: revision ${atLeast} is not reached yet; the last one here is ${commitIndex}`;
  return { name: 'NOT_READY', message, data: { field: 'atLeast', view } };
}

export function readSnapshot(state: ReplicaState, { requester, snapshot, query }: SnapshotReadEvent): void {
  const moment = state.snapshots.get(snapshot, state.at.now);
  if (moment !== undefined) return state.result(requester, scan(moment, query));
  const why = 'it was not read for too long, too many others were, or its server has ended';
  const message = `snapshot: ${snapshot} is not held here: ${why}`;
  state.fail(requester, { name: 'SNAPSHOT_UNKNOWN', message });
}

/** Answers a query from the applied state. */
export function answer(state: ReplicaState, query: Query): object {
  switch (query.kind) {
    case 'get':
      return state.machine.get(query.key, state.commitIndex);
    case 'scan':
      return scan(state.machine.cells, query.query);
    case 'open-snapshot':
      return state.snapshots.open(state.incarnation, state.machine.cells, state.commitIndex, state.at.now);
    case 'position':
      return { commitIndex: state.commitIndex };
  }
}

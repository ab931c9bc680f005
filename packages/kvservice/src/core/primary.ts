/**
 * How a primary handles client operations: it checks them, appends writes to the log, and queues reads (R1, R11, S3,
 * S5).
 *
 * A write is refused before it enters the log when too few backups count, memory is short, or too many operations
 * already wait. A refused write is therefore definitely not done.
 */
import { appendOwn } from './append-own.ts';
import { advanceCommit, settle } from './commit.ts';
import type { ReadEvent, Requester, WriteEvent } from './event.ts';
import { holdWhileLeaving } from './leave.ts';
import { isReadTooMany, readLocally } from './local-read.ts';
import { lackOfRoom } from './memory.ts';
import { type Entry, type Operation, type Outcome, weightOf } from './operation.ts';
import { queueRead } from './read.ts';
import type { Primary } from './role.ts';
import { lacksPlace } from './session-places.ts';
import type { ReplicaState } from './state.ts';

export function onWrite(state: ReplicaState, event: WriteEvent): void {
  const { role, config } = state;
  const { requester, operation, origin } = event;
  if (role.kind !== 'primary') return state.refuseAsNotPrimary(requester);
  if (origin !== undefined && state.machine.sessions.get(origin.session) !== undefined) {
    role.heard.hear(origin.session, event.from ?? '', state.at.now);
  }
  // The session was already marked as heard: its client is waiting, so the session is not idle.
  if (holdWhileLeaving(state, requester)) return;
  if (role.serving && origin !== undefined) {
    const before = state.machine.sessions.recall(origin, operation);
    if (before !== undefined) {
      if (before.kind === 'result') state.counters.duplicatesAnswered += 1;
      return settle(state, requester, before);
    }
  }
  if (role.serving && operation.kind === 'expireSession' && state.machine.sessions.get(operation.session) === undefined)
    return settle(state, requester, NOTHING_CLOSED);
  const counted = countedBackups(role);
  if (counted < config.minBackups) {
    const message = `${counted} of at least ${config.minBackups} backups hold the data: writes wait for more`;
    return state.fail(requester, { name: 'NOT_READY', message, data: { view: state.view } });
  }
  const lack = lackOfRoom(state, operation);
  if (lack !== undefined) {
    state.counters.writesWithoutRoom += 1;
    return state.fail(requester, { name: 'NO_SPACE', message: lack });
  }
  const entry: Entry = { viewnum: state.view.viewnum, operation, ...(origin === undefined ? {} : { origin }) };
  if (isOverloaded(state, role, event)) return refuseAsOverloaded(state, requester);
  role.pendingWeight += weightOf(entry);
  const index = state.log.append(entry);
  role.pending.set(index, requester);
  if (origin !== undefined) role.heard.noteEntry(origin.session, index);
  if (operation.kind === 'expireSession') role.heard.noteEnding(operation.session);
  noteHashing(state, role, operation, index);
}

/**
 * The result for a client that closes its session twice, or after the session expired. There is nothing to end, so no
 * entry is appended.
 */
const NOTHING_CLOSED: Outcome = { kind: 'result', result: { closed: false } };

export function onRead(state: ReplicaState, event: ReadEvent): void {
  const { role } = state;
  if (role.kind !== 'primary' || event.consistency === 'sequential') return readLocally(state, event);
  if (holdWhileLeaving(state, event.requester)) return;
  if (isReadTooMany(state, event.query, role.reads, ({ read }) => read.query))
    return refuseAsOverloaded(state, event.requester);
  queueRead(state, role, event);
}

/**
 * Appends an operation that ends each session that was not heard of for its time to live (S5). Each session is ended
 * once. No more are appended until the previous ones have committed, so that the log does not grow while nothing
 * commits.
 */
export function expireSessions(state: ReplicaState, primary: Primary): void {
  if (!primary.serving || state.at.now < primary.expiryAtMs || state.commitIndex < primary.expiryIndex) return;
  const { sessionTtlMs, limits } = state.config;
  // Sessions that were abandoned together end together. One turn ends a part of them, and the next tick the rest:
  // otherwise their entries would hold up everything else, and fill the log.
  const mostWeight = state.log.weight + Math.min(limits.pendingWeight, limits.prepareWeight);
  primary.expiryAtMs = state.at.now + sessionTtlMs / 10;
  for (const [session] of state.machine.sessions.all()) {
    if (primary.heard.isEnding(session)) continue;
    const heard = primary.heard.whenHeard(session) ?? primary.sinceMs;
    if (state.at.now - heard <= sessionTtlMs) continue;
    primary.heard.noteEnding(session);
    primary.expiryIndex = appendOwn(state, { kind: 'expireSession', session });
    if (state.log.weight < mostWeight) continue;
    primary.expiryAtMs = state.at.now;
    break;
  }
  primary.heard.forgetBefore(state.at.now - sessionTtlMs);
  advanceCommit(state, primary);
}

export function countedBackups(primary: Primary): number {
  let counted = 0;
  for (const progress of primary.backups.values()) if (progress.counted) counted += 1;
  return counted;
}

function isOverloaded(state: ReplicaState, primary: Primary, { operation, origin, from = '' }: WriteEvent): boolean {
  const { limits } = state.config;
  const { sessions } = state.machine;
  if (primary.pending.size >= limits.pending || primary.pendingWeight >= limits.pendingWeight) return true;
  if (operation.kind === 'putHash' && isHashingTooMuch(state, primary, operation.key)) return true;
  if (operation.kind === 'openSession') return lacksPlace(state, primary, from);
  return origin !== undefined && (sessions.get(origin.session)?.results.size ?? 0) >= limits.remembered;
}

/** Bounds the text that waiting `putHash` operations must hash. A single operation is always allowed. */
function isHashingTooMuch(state: ReplicaState, { hashing }: Primary, key: string): boolean {
  if (hashing.through <= state.commitIndex) return false;
  return hashing.units + unitsOfValue(state, key) > state.config.limits.pendingHashUnits;
}

function noteHashing(state: ReplicaState, { hashing }: Primary, operation: Operation, index: number): void {
  if (operation.kind !== 'putHash') return;
  if (hashing.through <= state.commitIndex) hashing.units = 0;
  hashing.units += unitsOfValue(state, operation.key) + operation.value.length;
  hashing.through = index;
}

function unitsOfValue(state: ReplicaState, key: string): number {
  return state.machine.cells.get(key)?.value.length ?? 0;
}

function refuseAsOverloaded(state: ReplicaState, requester: Requester): void {
  const retryAfterMs = state.config.pingIntervalMs / 2;
  state.fail(requester, { name: 'OVERLOADED', message: 'too many operations wait already', data: { retryAfterMs } });
}

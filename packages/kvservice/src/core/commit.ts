/**
 * Commits entries: the only place where entries are applied and their results returned (R5). It also trims the log
 * (R12).
 *
 * Entries are applied one at a time in index order on every server. The result of an entry is sent only after the entry
 * was applied.
 */
import { assert } from '@understudy/rpc';
import type { Requester } from './event.ts';
import { serveLocalReads } from './local-read.ts';
import { dataBytes } from './memory.ts';
import { type Outcome, weightOf } from './operation.ts';
import { durableIndex } from './persistence.ts';
import type { Primary } from './role.ts';
import type { ReplicaState } from './state.ts';

/**
 * Commits the entries that the primary and every counting backup have prepared (R4). Inherited entries commit only
 * through the first entry of this primary (R6). Nothing commits while a promise to another primary stands (L2).
 */
export function advanceCommit(state: ReplicaState, primary: Primary): void {
  if (state.promises.lastToOthers(state.incarnation) > state.at.now) return;
  let index = durableIndex(state);
  for (const progress of primary.backups.values())
    if (progress.counted && progress.match < index) index = progress.match;
  if (index >= primary.floor && index > state.commitIndex) commitThrough(state, index);
}

/** Applies all entries up to `index`, in order. */
export function commitThrough(state: ReplicaState, index: number): void {
  assert(index <= state.log.lastIndex, 'R5: only entries that are here are committed');
  const primary = state.role.kind === 'primary' ? state.role : undefined;
  for (let next = state.commitIndex + 1; next <= index; next++) {
    const entry = state.log.at(next);
    assert(entry !== undefined, 'R12: what is not applied is never forgotten');
    const outcome = state.machine.apply(next, entry, state.cluster);
    state.commitIndex = next;
    if (entry.operation.kind === 'expireSession') noteEnd(state, primary, entry.operation.session, next);
    if (entry.operation.kind === 'openSession') noteOpening(state, primary, outcome);
    if (primary?.pending.has(next)) {
      settle(state, primary.pending.get(next), outcome);
      primary.pending.delete(next);
      primary.pendingWeight -= weightOf(entry);
    }
  }
  serveLocalReads(state);
  if (!state.snapshots.isEmpty) state.snapshots.keepWithin(dataBytes(state));
}

/**
 * The time to live of a session starts when it is opened, so a new session does not count as idle since this server
 * became primary (S5).
 */
function noteOpening({ at }: ReplicaState, primary: Primary | undefined, outcome: Outcome): void {
  if (outcome.kind === 'result' && 'session' in outcome.result) primary?.heard.open(outcome.result.session, at.now);
}

/**
 * Counts an expired session. A session that its own client closed is not counted, because it does not indicate a
 * problem.
 */
function noteEnd({ counters }: ReplicaState, primary: Primary | undefined, session: string, index: number): void {
  if (primary?.pending.has(index) !== true) counters.sessionsExpired += 1;
  primary?.heard.noteEnded(session);
}

export function settle(state: ReplicaState, requester: Requester, outcome: Outcome): void {
  if (outcome.kind === 'result') return state.result(requester, outcome.result);
  const { failure: name, message, field, bytes, maxBytes } = outcome;
  if (name === 'OVERLOADED') {
    return state.fail(requester, { name, message, data: { retryAfterMs: state.config.pingIntervalMs / 2 } });
  }
  const size = bytes === undefined ? {} : { bytes, maxBytes };
  state.fail(requester, field === undefined ? { name, message } : { name, message, data: { field, ...size } });
}

/**
 * The log is cut only if at least this share of it is dropped. A cut then moves at most three entries for each entry it
 * drops.
 */
const SMALLEST_CUT = 1 / 4;

/** Drops applied entries that no backup of this view still needs. Enough entries are kept for short absences (R12). */
export function trimLog(state: ReplicaState): void {
  const { log, config, role } = state;
  const { retainedEntries, retainedWeight } = config.limits;
  const kept = log.lastIndex - log.base.index;
  // Wait until the log is twice as long as wanted, which spreads the cost of a cut over many entries. When memory is
  // short, cut at once.
  const spread = state.isFull ? 1 : 2;
  if (kept <= spread * retainedEntries && log.weight <= spread * retainedWeight) return;
  let through = Math.min(state.commitIndex, state.journal?.applied ?? Infinity);
  if (role.kind === 'primary') {
    for (const progress of role.backups.values()) {
      // Nothing commits without a counting backup, so the log must keep every entry that the backup has not yet
      // received.
      const isFollowed = progress.counted || progress.mode === 'stream';
      const needed = isFollowed ? progress.match : progress.sending?.position.index;
      through = Math.min(through, needed ?? Infinity);
    }
    if (log.weight > config.limits.transferWeight)
      through = Math.min(state.commitIndex, state.journal?.applied ?? Infinity);
  }
  through = Math.min(through, lowestToRetain(state));
  // While a backup catches up, the droppable part grows slowly, and each cut moves all entries that remain.
  if (through - log.base.index >= SMALLEST_CUT * kept) log.forgetThrough(through);
}

/** Returns the index up to which entries exceed the bounds of retention. */
function lowestToRetain({ log, config }: ReplicaState): number {
  const { retainedEntries, retainedWeight } = config.limits;
  const average = log.weight / Math.max(1, log.lastIndex - log.base.index);
  return log.lastIndex - Math.min(retainedEntries, Math.floor(retainedWeight / average));
}

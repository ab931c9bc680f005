/** Committing: the one place where entries are applied, and their answers leave (R5). */
import { assert } from '@understudy/rpc';
import type { Requester } from './event.ts';
import { serveLocalReads } from './local-read.ts';
import { type Outcome, weightOf } from './operation.ts';
import { durableIndex } from './persistence.ts';
import type { Primary } from './role.ts';
import type { ReplicaState } from './state.ts';

/** Commits what the primary and every backup that counts have prepared (R4), from the first entry of this primaryship on (R6), and nothing while a promise stands (L2). */
export function advanceCommit(state: ReplicaState, primary: Primary): void {
  if (state.promises.lastToOthers(state.incarnation) > state.at.now) return;
  let index = durableIndex(state);
  for (const progress of primary.backups.values())
    if (progress.counted && progress.match < index) index = progress.match;
  if (index >= primary.floor && index > state.commitIndex) commitThrough(state, index);
}

/** Applies everything up to `index`, in order. */
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
}

/**
 * Its time to live begins now: a session that was just opened is not idle for as long as this server is primary (S5).
 */
function noteOpening({ at }: ReplicaState, primary: Primary | undefined, outcome: Outcome): void {
  if (outcome.kind === 'result' && 'session' in outcome.result) primary?.heard.open(outcome.result.session, at.now);
}

/** Of a session. One that its own client has closed says nothing of trouble. */
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

/** Of what is kept: with it a cut moves at most three entries for each that it forgets. */
const SMALLEST_CUT = 1 / 4;

/** Forgets applied entries that no backup of this view still needs, but for what short absences want (R12). */
export function trimLog(state: ReplicaState): void {
  const { log, config, role } = state;
  const { retainedEntries, retainedWeight } = config.limits;
  const kept = log.lastIndex - log.base.index;
  // Twice as much before anything is cut, so that the cost of cutting is spread over many entries. Where memory is scarce it is cut at once.
  const spread = state.isFull ? 1 : 2;
  if (kept <= spread * retainedEntries && log.weight <= spread * retainedWeight) return;
  let through = Math.min(state.commitIndex, state.journal?.applied ?? Infinity);
  if (role.kind === 'primary') {
    for (const progress of role.backups.values()) {
      // Nothing commits without one that counts: whatever it has not yet is still to come from here.
      const isFollowed = progress.counted || progress.mode === 'stream';
      const needed = isFollowed ? progress.match : progress.sending?.position.index;
      through = Math.min(through, needed ?? Infinity);
    }
    if (log.weight > config.limits.transferWeight)
      through = Math.min(state.commitIndex, state.journal?.applied ?? Infinity);
  }
  through = Math.min(through, lowestToRetain(state));
  // While somebody catches up, what can be cut grows bit by bit, and each cut moves all that stays.
  if (through - log.base.index >= SMALLEST_CUT * kept) log.forgetThrough(through);
}

/** The index below which entries are over the bounds of retention. */
function lowestToRetain({ log, config }: ReplicaState): number {
  const { retainedEntries, retainedWeight } = config.limits;
  const average = log.weight / Math.max(1, log.lastIndex - log.base.index);
  return log.lastIndex - Math.min(retainedEntries, Math.floor(retainedWeight / average));
}

/**
 * Places in the table of sessions (S5). Sessions that nobody uses keep no client out, and whoever uses very many keeps
 * no other address out.
 *
 * When the table is full, a new session takes the place of one that was never used. If there is none, one of the
 * address that has the most makes room, if it has been idle for long enough. An address that has half of the table gets
 * no more of the last places: there it has to give up one of its own.
 */
import { appendOwn } from './append-own.ts';
import type { Primary } from './role.ts';
import type { ReplicaState } from './state.ts';

/** Of the table: the last places are for addresses that have less than their share. */
const CROWDED = 7 / 8;
const SHARE = 1 / 2;
/** Of the time to live of a session: one that was heard of more recently is not ended for another one. */
const RECENT = 1 / 60;

/**
 * Whether a new session of that address gets no place. Ends another one for it where that is needed, by an operation in
 * the log.
 */
export function lacksPlace(state: ReplicaState, primary: Primary, from: string): boolean {
  const most = state.config.limits.sessions;
  const { size } = state.machine.sessions;
  if (size >= most) return !makeRoom(state, primary, undefined);
  return size >= CROWDED * most && primary.heard.countOf(from) >= SHARE * most && !makeRoom(state, primary, from);
}

/**
 * The client of a session that was never used has nothing in it: it is told SESSION_UNKNOWN, and opens another. So does
 * one that is idle, unless it still waits for a result: then it cannot know whether its operation was done, and says so
 * (S7).
 */
function makeRoom(state: ReplicaState, primary: Primary, from: string | undefined): boolean {
  if (!primary.serving) return false;
  const isBusy = (id: string) => primary.heard.has(id) || primary.heard.isEnding(id);
  const session = state.machine.sessions.takeUnused(isBusy) ?? takeIdle(state, primary, from);
  if (session === undefined) return false;
  primary.heard.noteEnding(session);
  appendOwn(state, { kind: 'expireSession', session });
  return true;
}

function takeIdle(state: ReplicaState, { heard, sinceMs }: Primary, from: string | undefined): string | undefined {
  heard.adopt(state.machine.sessions.used(), sinceMs);
  return heard.takeIdle(from, state.at.now - RECENT * state.config.sessionTtlMs, state.commitIndex);
}

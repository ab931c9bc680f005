/**
 * Makes room in the table of sessions (S5), so that neither unused sessions nor a client with very many sessions can
 * keep others out.
 *
 * When the table is full, a session that was never used ends for a new one. If there is none, a session of the address
 * with the most ends, if it has been idle for long enough. An address that has half of the table gets no more of the
 * last places: one of its own sessions must end instead.
 */
import { appendOwn } from './append-own.ts';
import type { Primary } from './role.ts';
import type { ReplicaState } from './state.ts';

/** Shares of the table. The last places are for addresses that have less than `SHARE`. */
const CROWDED = 7 / 8;
const SHARE = 1 / 2;
/**
 * The share of a session's time to live for which it counts as recently used. Such a session is not ended for another
 * one.
 */
const RECENT = 1 / 60;

/**
 * Returns true if there is no place for a new session of that address. Otherwise ends another session for it, if
 * needed, by an operation in the log.
 */
export function lacksPlace(state: ReplicaState, primary: Primary, from: string): boolean {
  const most = state.config.limits.sessions;
  const { size } = state.machine.sessions;
  if (size >= most) return !makeRoom(state, primary, undefined);
  return size >= CROWDED * most && primary.heard.countOf(from) >= SHARE * most && !makeRoom(state, primary, from);
}

/**
 * Ends one session. A client that never used its session loses nothing: it is told SESSION_UNKNOWN and opens another.
 * So does an idle client, unless it still waits for a result; it then cannot know whether that operation was done, and
 * reports this (S7).
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

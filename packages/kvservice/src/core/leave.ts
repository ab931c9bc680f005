/** Leaving on purpose (V14, L6): nobody waits for a failure detector, and nothing acknowledged is lost. */
import { silenceMs } from './config.ts';
import type { Requester } from './event.ts';
import { dropLeases } from './read.ts';
import type { Primary } from './role.ts';
import type { ReplicaState } from './state.ts';

/** How long a primary waits for a backup that is being brought up to date, in milliseconds (V14). */
const PATIENCE_MS = 10_000;

export function onLeave(state: ReplicaState): void {
  if (state.leaving !== undefined) return;
  state.leaving = { sinceMs: state.at.now, phase: 'serving', held: [] };
  if (state.role.kind === 'idle') {
    state.effects.push({ kind: 'ping' });
    return finish(state, '');
  }
  const waitsFor = state.role.kind === 'primary' ? 'a backup that holds the data' : 'the view without this server';
  state.notice({ kind: 'leaving', waitsFor });
  state.effects.push({ kind: 'ping' });
  stepLeave(state);
}

/** One look at how far the leave is; comes with every turn and tick. */
export function stepLeave(state: ReplicaState): void {
  const { leaving, role } = state;
  if (leaving === undefined || leaving.phase === 'left') return;
  const waitedMs = state.at.now - leaving.sinceMs;
  if (role.kind === 'primary') return stepPrimary(state, role, waitedMs);
  // The others count a silent backup out soon; without the monitor's answer there is nothing to wait for.
  if (waitedMs > silenceMs(state.config)) finish(state, '');
}

function stepPrimary(state: ReplicaState, primary: Primary, waitedMs: number): void {
  const { leaving } = state;
  if (leaving === undefined) return;
  if (leaving.phase === 'serving') {
    if (state.fulfilled === state.view.viewnum && state.view.backups.length > 0) leaving.phase = 'draining';
    else if (waitedMs >= patienceMs(state)) return finish(state, whatIsLost(state));
  }
  if (leaving.phase === 'draining' && isDrained(state, primary)) {
    leaving.phase = 'announced';
    state.effects.push({ kind: 'ping' });
  }
  if (waitedMs > PATIENCE_MS) finish(state, '');
}

/** With nobody on the way to take over, long enough to see whether the monitor sends somebody; with nothing to lose, not at all. */
function patienceMs(state: ReplicaState): number {
  if (state.view.backups.length > 0) return PATIENCE_MS;
  return whatIsLost(state) === '' ? 0 : silenceMs(state.config);
}

/**
 * The heir was lost on the way and this server is still primary, in the next view: it serves until there is another. What it
 * released stays released: no lease of before counts.
 */
export function takeBackLeave(state: ReplicaState, primary: Primary): void {
  const { leaving } = state;
  if (leaving === undefined || leaving.phase === 'left') return;
  leaving.phase = 'serving';
  dropLeases(state, primary);
  holdNoLonger(state);
}

/** The monitor has heard of the leave: the backups may begin, and nothing of this incarnation counts any more (L6). */
export function releaseBackups(state: ReplicaState): void {
  const { leaving, role } = state;
  if (leaving?.phase !== 'announced' || role.kind !== 'primary') return;
  leaving.phase = 'released';
  for (const { server, incarnation } of role.backups.values()) {
    state.send(server, { kind: 'release', ...state.envelope(incarnation) });
  }
}

/** Whether the primary still sends and commits. */
export function isActing(state: ReplicaState): boolean {
  const phase = state.leaving?.phase;
  return phase === undefined || phase === 'serving' || phase === 'draining';
}

/** A leaving server says so, a primary only when it has stopped answering. */
export function saysLeaving(state: ReplicaState): boolean {
  if (state.leaving === undefined) return false;
  return state.role.kind !== 'primary' || !isActing(state);
}

/** While a primary leaves, whoever asks waits to be told of its successor: that is sooner than to find out. */
export function holdWhileLeaving(state: ReplicaState, requester: Requester): boolean {
  const { leaving } = state;
  if (leaving === undefined || leaving.phase === 'serving') return false;
  if (leaving.phase === 'left' || leaving.held.length >= state.config.limits.pending)
    state.refuseAsNotPrimary(requester);
  else leaving.held.push(requester);
  return true;
}

export function holdNoLonger(state: ReplicaState): void {
  for (const requester of state.leaving?.held.splice(0) ?? []) state.refuseAsNotPrimary(requester);
}

/** The view has changed: a leaving server that has no seat in it is free to go. */
export function leaveIfLeftOut(state: ReplicaState): void {
  if (state.leaving !== undefined && state.leaving.phase !== 'left' && state.role.kind === 'idle') finish(state, '');
}

function isDrained(state: ReplicaState, primary: Primary): boolean {
  if (primary.pending.size > 0 || primary.reads.length > 0) return false;
  if (state.promises.lastToOthers(state.incarnation) > state.at.now) return false;
  return [...primary.backups.values()].every((progress) => progress.inFlight === 0);
}

function finish(state: ReplicaState, lost: string): void {
  if (state.leaving !== undefined) state.leaving.phase = 'left';
  holdNoLonger(state);
  state.effects.push({ kind: 'left', lost });
}

function whatIsLost(state: ReplicaState): string {
  const { size } = state.machine.cells;
  // What is on the disk comes back with it.
  if (size === 0 || state.journal !== undefined) return '';
  return `no other server holds the data: ${size} ${size === 1 ? 'key is' : 'keys are'} lost with this one`;
}

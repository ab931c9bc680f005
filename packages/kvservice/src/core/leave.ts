/**
 * Leaving on purpose (V14, L6): nobody waits for a failure detector, and a server goes only when a server that stays holds the data.
 *
 * A primary that leaves serves until a backup holds everything. Then it stops answering (draining), tells the monitor (announced), lets
 * go of its backups (released), and goes once the next view leaves it out. While its backup leaves too, the monitor takes an idle server
 * into the view instead, and the primary takes its own leave back until that one holds the data. A backup that leaves goes once the view
 * leaves it out. What waits in vain says plainly that no server that stays holds the data.
 */
import { DRIFT, silenceMs } from './config.ts';
import type { Effect } from './effect.ts';
import type { Requester } from './event.ts';
import { dropLeases } from './read.ts';
import type { Backup, Primary } from './role.ts';
import type { Leaving, ReplicaState } from './state.ts';

type Left = Effect & { readonly kind: 'left' };

/** A server that stays holds the data, or there is none to hold. */
const HELD: Left = { kind: 'left', held: true, lost: '', holder: '' };

export function onLeave(state: ReplicaState): void {
  if (state.leaving !== undefined) return;
  state.leaving = { sinceMs: state.at.now, phase: 'serving', held: [], answeredMs: undefined, aloneSinceMs: undefined };
  if (state.role.kind !== 'idle') {
    const waitsFor = state.role.kind === 'primary' ? 'a backup that holds the data' : 'the view without this server';
    state.notice({ kind: 'leaving', waitsFor });
  }
  state.effects.push({ kind: 'ping' });
  if (state.role.kind === 'idle') return finish(state, HELD);
  stepLeave(state);
}

/** The monitor has answered a ping; `alone`: it knows of no other server that stays. */
export function noteCompany({ leaving, at }: ReplicaState, alone: boolean): void {
  if (leaving === undefined) return;
  leaving.answeredMs = at.now;
  leaving.aloneSinceMs = alone ? (leaving.aloneSinceMs ?? at.now) : undefined;
}

/** One look at how far the leave is; comes with every turn and tick. */
export function stepLeave(state: ReplicaState): void {
  const { leaving, role } = state;
  if (leaving === undefined || leaving.phase === 'left') return;
  if (role.kind === 'primary') return stepPrimary(state, role, leaving);
  if (role.kind === 'backup') return stepBackup(state, role, leaving);
  if (waitedMs(state, leaving) > silenceMs(state.config)) finish(state, HELD);
}

function stepPrimary(state: ReplicaState, primary: Primary, leaving: Leaving): void {
  if (waitedMs(state, leaving) >= patienceMs(state, leaving)) return finish(state, unheld(state));
  if (leaving.phase === 'serving' && state.fulfilled === state.view.viewnum && state.view.backups.length > 0)
    leaving.phase = 'draining';
  if (leaving.phase === 'draining' && isDrained(state, primary)) {
    leaving.phase = 'announced';
    state.effects.push({ kind: 'ping' });
  }
}

/**
 * The monitor leaves it out at the next ping of the primary. Where that does not happen, the primary holds the data as long as it is
 * heard; if the primary is dead, this backup may have to take its place first.
 */
function stepBackup(state: ReplicaState, backup: Backup, leaving: Leaving): void {
  const isOverdue = waitedMs(state, leaving) > silenceMs(state.config) || leaving.aloneSinceMs !== undefined;
  // Half a promise: within it no monitor can have counted the primary out, also where clocks differ, and promoted this
  // server.
  const heardUntil = state.promises.lastToOthers(state.incarnation) - (state.config.leaseMs * DRIFT) / 2;
  const isHeld = !backup.complete || heardUntil > state.at.now;
  if (isOverdue && isHeld) return finish(state, HELD);
  if (waitedMs(state, leaving) >= patienceMs(state, leaving)) finish(state, unheld(state));
}

function waitedMs({ at }: ReplicaState, { sinceMs }: Leaving): number {
  return at.now - sinceMs;
}

/**
 * How long to wait for a server that stays to hold the data. When the monitor knows of none, only as long as a server may need to
 * start, and not at all when nothing would be lost. While no monitor answers, nobody can take over: then the wait is short.
 */
function patienceMs(state: ReplicaState, leaving: Leaving): number {
  const { config, view } = state;
  const losesNothing = isEmpty(state) || state.journal !== undefined;
  if (leaving.aloneSinceMs !== undefined)
    return losesNothing ? 0 : leaving.aloneSinceMs - leaving.sinceMs + silenceMs(config);
  if (isEmpty(state) && view.backups.length === 0) return 0;
  const answeredMs = (leaving.answeredMs ?? leaving.sinceMs) - leaving.sinceMs;
  const unansweredMs = answeredMs + silenceMs(config) * (losesNothing ? 1 : UNANSWERED);
  return Math.min(config.leaveTimeoutMs, unansweredMs);
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
  if (state.leaving !== undefined && state.leaving.phase !== 'left' && state.role.kind === 'idle') finish(state, HELD);
}

function isDrained(state: ReplicaState, primary: Primary): boolean {
  if (primary.pending.size > 0 || primary.reads.length > 0) return false;
  if (state.promises.lastToOthers(state.incarnation) > state.at.now) return false;
  return [...primary.backups.values()].every((progress) => progress.inFlight === 0);
}

function finish(state: ReplicaState, left: Left): void {
  if (state.leaving !== undefined) state.leaving.phase = 'left';
  holdNoLonger(state);
  state.effects.push(left);
}

/** Silences of the monitor, after which a server that leaves counts on it no more: 1.5 s, of the 10 s that others may wait for this process. */
const UNANSWERED = 3;

/** Backups that hold everything, while no monitor says whether they stay. */
function heirs({ role, log, leaving, at, config }: ReplicaState): readonly string[] {
  if (role.kind !== 'primary' || leaving === undefined) return [];
  const isAnswered = at.now - (leaving.answeredMs ?? leaving.sinceMs) < silenceMs(config);
  if (isAnswered) return [];
  const whole = [...role.backups.values()].filter(({ counted, match }) => counted && match >= log.lastIndex);
  return whole.map(({ server }) => server);
}

/** No server that stays holds the data, as far as is known. What is on the disk comes back with it. */
function unheld(state: ReplicaState): Left {
  if (isEmpty(state)) return HELD;
  if (state.journal !== undefined) return { kind: 'left', held: false, lost: '', holder: '' };
  const [heir] = heirs(state);
  if (heir !== undefined) return { kind: 'left', held: false, lost: '', holder: heir };
  const { size } = state.machine.cells;
  const what = size === 1 ? '1 key is' : size > 0 ? `${size} keys are` : 'the last operations are';
  const lost = `no server that stays holds the data: ${what} lost with this one`;
  return { kind: 'left', held: false, lost, holder: '' };
}

/** A backup hears late of what is committed: what its log holds may be. */
function isEmpty({ machine, commitIndex, log }: ReplicaState): boolean {
  return machine.cells.size === 0 && commitIndex === log.lastIndex;
}

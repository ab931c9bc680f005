/**
 * A planned leave (V14, L6). Other servers need not wait for the failure detector, and a server leaves only when a
 * server that stays holds the data.
 *
 * A leaving primary serves until a backup holds everything. Then it stops answering (draining), tells the monitor
 * (announced), releases its backups (released), and leaves once the next view no longer names it. If its backup is
 * leaving too, the monitor adds an idle server to the view, and the primary takes back its leave until that server
 * holds the data. A leaving backup leaves once the view no longer names it. If the wait fails, the server reports that
 * no server that stays holds the data.
 */
import { DRIFT, silenceMs } from './config.ts';
import type { Effect } from './effect.ts';
import type { Requester } from './event.ts';
import { dropLeases } from './read.ts';
import type { Backup, Primary } from './role.ts';
import type { Leaving, ReplicaState } from './state.ts';

type Left = Effect & { readonly kind: 'left' };

/** A server that stays holds the data, or there is no data. */
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

/** The monitor answered a ping. `alone` means that it knows of no other server that stays. */
export function noteCompany({ leaving, at }: ReplicaState, alone: boolean): void {
  if (leaving === undefined) return;
  leaving.answeredMs = at.now;
  leaving.aloneSinceMs = alone ? (leaving.aloneSinceMs ?? at.now) : undefined;
}

/** Advances the leave. Called in every turn and at every tick. */
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
 * The monitor removes the leaving backup at the primary's next ping. If that does not happen, the primary still holds
 * the data as long as it is heard. If the primary is dead, this backup may have to take over first.
 */
function stepBackup(state: ReplicaState, backup: Backup, leaving: Leaving): void {
  const isOverdue = waitedMs(state, leaving) > silenceMs(state.config) || leaving.aloneSinceMs !== undefined;
  // The primary counts as alive for half of its last promise. Within that time no monitor can have declared it dead and
  // promoted this server, even if the clocks differ.
  const heardUntil = state.promises.lastToOthers(state.incarnation) - (state.config.leaseMs * DRIFT) / 2;
  const isHeld = !backup.complete || heardUntil > state.at.now;
  if (isOverdue && isHeld) return finish(state, HELD);
  if (waitedMs(state, leaving) >= patienceMs(state, leaving)) finish(state, unheld(state));
}

function waitedMs({ at }: ReplicaState, { sinceMs }: Leaving): number {
  return at.now - sinceMs;
}

/**
 * How long to wait for a server that stays to hold the data. If the monitor knows of no such server, the wait is only
 * as long as a server may need to start, and zero if nothing would be lost. If no monitor answers, no server can take
 * over, so the wait is short.
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
 * The successor was lost, and this server is primary of the next view too. It serves until there is another successor.
 * Released backups stay released: no earlier lease counts.
 */
export function takeBackLeave(state: ReplicaState, primary: Primary): void {
  const { leaving } = state;
  if (leaving === undefined || leaving.phase === 'left') return;
  leaving.phase = 'serving';
  dropLeases(state, primary);
  holdNoLonger(state);
}

/**
 * The monitor knows of the leave. The backups may take over, and nothing from this incarnation counts any more (L6).
 */
export function releaseBackups(state: ReplicaState): void {
  const { leaving, role } = state;
  if (leaving?.phase !== 'announced' || role.kind !== 'primary') return;
  leaving.phase = 'released';
  for (const { server, incarnation } of role.backups.values()) {
    state.send(server, { kind: 'release', ...state.envelope(incarnation) });
  }
}

/** Whether the primary still sends and commits entries. */
export function isActing(state: ReplicaState): boolean {
  const phase = state.leaving?.phase;
  return phase === undefined || phase === 'serving' || phase === 'draining';
}

/** Whether pings announce the leave. A primary announces it only after it has stopped answering. */
export function saysLeaving(state: ReplicaState): boolean {
  if (state.leaving === undefined) return false;
  return state.role.kind !== 'primary' || !isActing(state);
}

/**
 * Holds a request while the primary leaves. It is answered with the successor as soon as the view changes, which is
 * sooner than the client would find out by itself. Returns false if the request need not be held.
 */
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

/** The view has changed. A leaving server without a seat in it may leave. */
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

/**
 * A leaving server stops waiting for the monitor after this many silence times: 1.5 s of the 10 s for which a
 * supervisor may wait for this process.
 */
const UNANSWERED = 3;

/** The backups that hold everything. Only used while no monitor says whether they stay. */
function heirs({ role, log, leaving, at, config }: ReplicaState): readonly string[] {
  if (role.kind !== 'primary' || leaving === undefined) return [];
  const isAnswered = at.now - (leaving.answeredMs ?? leaving.sinceMs) < silenceMs(config);
  if (isAnswered) return [];
  const whole = [...role.backups.values()].filter(({ counted, match }) => counted && match >= log.lastIndex);
  return whole.map(({ server }) => server);
}

/**
 * The leave ends without a server that is known to stay and hold the data. With a disk nothing is lost, because the
 * data returns with it.
 */
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

/**
 * Whether there is no data. A backup learns late what is committed, so an entry of its log that is not yet applied
 * counts as data.
 */
function isEmpty({ machine, commitIndex, log }: ReplicaState): boolean {
  return machine.cells.size === 0 && commitIndex === log.lastIndex;
}

/**
 * View changes: which role a server takes when it learns of a newer view (R6, R8).
 *
 * The server leaves the older view before it does anything in the newer one. It takes a seat only if the view gives
 * that seat to this very incarnation, and it becomes primary of an existing cluster only if it holds data.
 */
import type { View } from '@understudy/sysmonitor';
import { appendOwn } from './append-own.ts';
import { HeardSessions } from './heard-sessions.ts';
import { holdNoLonger, leaveIfLeftOut, takeBackLeave } from './leave.ts';
import { Pace } from './pace.ts';
import { carryOver, endSending, newProgress, type Progress } from './progress.ts';
import { type Backup, IDLE, type Primary } from './role.ts';
import type { ReplicaState } from './state.ts';

/** Adopts a newer view from the monitor, a primary, or a peer that refused a message. Older views change nothing. */
export function learnView(state: ReplicaState, view: View): void {
  if (view.viewnum < state.view.viewnum || view.viewnum === 0) return;
  if (isForeign(state, view)) {
    const reason = `this server belongs to cluster ${state.cluster}, the view that it was told to ${view.cluster}`;
    state.notice({ kind: 'refused-seat', reason });
    return;
  }
  if (view.viewnum === state.view.viewnum) {
    // Within a view the syncing set can only shrink (R4).
    const syncing = state.view.syncing.filter((server) => view.syncing.includes(server));
    if (syncing.length === state.view.syncing.length) return;
    state.noteMeta();
    state.view = { ...state.view, syncing };
    return;
  }
  enter(state, view);
}

/** Leaves the older view before anything happens in the newer one (R8). */
function enter(state: ReplicaState, view: View): void {
  const before = state.role;
  const follows = view.viewnum === state.view.viewnum + 1;
  state.view = view;
  state.cluster = view.cluster ?? '';
  state.noteMeta();
  const seat = seatIn(state, view);
  if (before.kind === 'primary' && seat === 'primary' && follows) {
    stayPrimary(state, before);
  } else {
    if (before.kind === 'primary') resign(state, before);
    state.role = IDLE;
    if (seat === 'primary') becomePrimary(state);
    if (seat === 'backup') becomeBackup(state, before.kind === 'backup' ? before : undefined);
  }
  if (state.role.kind === 'primary') takeBackLeave(state, state.role);
  state.notice({ kind: 'view', view, role: state.role.kind });
  leaveIfLeftOut(state);
}

/** Returns the seat that the view gives to this incarnation, if it may take it. */
function seatIn(state: ReplicaState, view: View): 'primary' | 'backup' | undefined {
  const { incarnation } = state;
  const { server } = state.config;
  const isPrimary = view.primary === server;
  if (!isPrimary && !view.backups.includes(server)) return undefined;
  const holder = view.incarnations?.[server] ?? '';
  if (holder !== '' && holder !== incarnation) {
    state.notice({
      kind: 'refused-seat',
      reason: `view ${view.viewnum} gives this server's seat to another run of it`,
    });
    return undefined;
  }
  if (isPrimary && state.fulfilled === 0 && view.viewnum > 1) {
    state.notice({
      kind: 'refused-seat',
      reason: `view ${view.viewnum} makes this server primary, which holds no data`,
    });
    return undefined;
  }
  return isPrimary ? 'primary' : 'backup';
}

function becomePrimary(state: ReplicaState): void {
  const firstNumber = state.nextNumber;
  const floor = appendOwn(state, { kind: 'nothing' });
  const backups = new Map<string, Progress>();
  for (const server of state.view.backups) {
    backups.set(server, newcomer(state, server, floor));
  }
  state.role = {
    kind: 'primary',
    floor,
    firstNumber,
    backups,
    pending: new Map(),
    pendingWeight: 0,
    hashing: { units: 0, through: 0 },
    reads: [],
    confirmWanted: false,
    heard: new HeardSessions(),
    sinceMs: state.at.now,
    expiryAtMs: state.at.now + state.config.sessionTtlMs / 10,
    expiryIndex: floor,
    serving: false,
  };
}

/** Continues as primary in the next view. The log goes on; only the backups change. */
function stayPrimary(state: ReplicaState, primary: Primary): void {
  const { view } = state;
  const before = primary.backups;
  primary.firstNumber = state.nextNumber;
  primary.confirmWanted = primary.reads.length > 0;
  primary.backups = new Map();
  for (const server of view.backups) {
    const counted = !view.syncing.includes(server);
    const known = before.get(server);
    if (known !== undefined && known.incarnation === holderOf(view, server)) {
      carryOver(known, counted, state.log.lastIndex + 1, state.nextNumber);
      primary.backups.set(server, known);
    } else {
      primary.backups.set(server, newcomer(state, server, state.log.lastIndex + 1));
    }
  }
  for (const [server, known] of before) if (primary.backups.get(server) !== known) endSending(known);
}

/** A record of a backup of which nothing is known beyond the view. */
function newcomer({ config, view }: ReplicaState, server: string, next: number): Progress {
  const { window, prepareWeight } = config.limits;
  const counted = !view.syncing.includes(server);
  const pace = new Pace((window * prepareWeight) / 2);
  return newProgress({ server, incarnation: holderOf(view, server), counted, next, pace });
}

function becomeBackup(state: ReplicaState, before: Backup | undefined): void {
  const complete = !state.view.syncing.includes(state.config.server);
  // A transfer that the same primary began in the previous view may continue in this one.
  const primary = holderOf(state.view, state.view.primary);
  const receiving = before?.receiving?.incarnation === primary ? before.receiving : undefined;
  const assembly = before?.assembly?.incarnation === primary ? before.assembly : undefined;
  state.role = {
    kind: 'backup',
    complete,
    verified: 0,
    receiving,
    assembly,
    tooLarge: undefined,
    released: false,
    conflictSinceMs: undefined,
  };
  if (complete) state.fulfil(state.view.viewnum);
}

/**
 * Fails what was in progress. Pending writes may or may not take effect in the newer view (R8); reads changed nothing
 * and can be retried.
 */
function resign(state: ReplicaState, primary: Primary): void {
  const message = `this server is not primary any more; view ${state.view.viewnum} may or may not hold the operation`;
  for (const requester of primary.pending.values()) {
    state.fail(requester, { name: 'OUTCOME_UNKNOWN', message, data: { view: state.view } });
  }
  for (const progress of primary.backups.values()) endSending(progress);
  for (const { read } of primary.reads) state.refuseAsNotPrimary(read.requester);
  holdNoLonger(state);
}

function isForeign(state: ReplicaState, view: View): boolean {
  return state.cluster !== '' && view.cluster !== state.cluster;
}

function holderOf(view: View, server: string): string {
  return view.incarnations?.[server] ?? '';
}

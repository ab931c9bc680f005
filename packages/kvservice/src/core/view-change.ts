/** Views: what a server becomes when it learns of a newer one (R6, R8). */
import type { View } from '@understudy/sysmonitor';
import { appendOwn } from './append-own.ts';
import { HeardSessions } from './heard-sessions.ts';
import { holdNoLonger, leaveIfLeftOut, takeBackLeave } from './leave.ts';
import { Pace } from './pace.ts';
import { carryOver, endSending, newProgress, type Progress } from './progress.ts';
import { type Backup, IDLE, type Primary } from './role.ts';
import type { ReplicaState } from './state.ts';

/** Takes over a view that the monitor, a primary or a peer that refused has told. Older ones change nothing. */
export function learnView(state: ReplicaState, view: View): void {
  if (view.viewnum < state.view.viewnum || view.viewnum === 0) return;
  if (isForeign(state, view)) {
    const reason = `this server belongs to cluster ${state.cluster}, the view that it was told to ${view.cluster}`;
    state.notice({ kind: 'refused-seat', reason });
    return;
  }
  if (view.viewnum === state.view.viewnum) {
    // Within a view the syncing set only shrinks (R4).
    const syncing = state.view.syncing.filter((server) => view.syncing.includes(server));
    if (syncing.length === state.view.syncing.length) return;
    state.noteMeta();
    state.view = { ...state.view, syncing };
    return;
  }
  enter(state, view);
}

/** Leaves the older view before anything is done in the newer one (R8). */
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

/** The seat that a view gives to this very run, if it may take it. */
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

/** The same primary in the next view: its log goes on, only its backups change. */
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

/** A backup of which nothing is known but what the view says. */
function newcomer({ config, view }: ReplicaState, server: string, next: number): Progress {
  const { window, prepareWeight } = config.limits;
  const counted = !view.syncing.includes(server);
  const pace = new Pace((window * prepareWeight) / 2);
  return newProgress({ server, incarnation: holderOf(view, server), counted, next, pace });
}

function becomeBackup(state: ReplicaState, before: Backup | undefined): void {
  const complete = !state.view.syncing.includes(state.config.server);
  // What the same primary had begun to send may go on in the next view.
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

/** What was under way may still take effect in the newer view, or not (R8); reads have changed nothing. */
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

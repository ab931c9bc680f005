/**
 * The replica: the entry point of the pure core. `step()` takes one event and returns the effects for the server to
 * carry out. There is no clock, no I/O and no promise here, so the simulator runs it deterministically. Each step ends
 * with a check of the invariants; a broken invariant stops the server, so that it never answers from a corrupt state.
 */
import { assert, unreachable, type Writable } from '@understudy/rpc';
import type { Identity, Ping } from '@understudy/sysmonitor';
import type { BackupStatus, ServerStatus } from '../contract.ts';
import { onBackupAnswer, onBackupSilence } from './answers.ts';
import { onMessage } from './backup.ts';
import { advanceCommit, trimLog } from './commit.ts';
import type { ReplicaConfig } from './config.ts';
import { giveUpDoubts, onMonitorTold, onServerTold } from './confirmation.ts';
import type { Effect } from './effect.ts';
import type { Event, Instant } from './event.ts';
import { ReplicaInspection } from './inspection.ts';
import { checkInvariants } from './invariants.ts';
import { isActing, noteCompany, onLeave, releaseBackups, saysLeaving, stepLeave } from './leave.ts';
import { askForPosition, giveUpLocalReads, onPosition, readSnapshot } from './local-read.ts';
import { comparePositions } from './log.ts';
import { checkRoom, memoryStatus } from './memory.ts';
import type { Answer } from './message.ts';
import {
  noteIdleness,
  noteIncarnation,
  onPersisted,
  persist,
  type Restored,
  restore,
  told,
  whenDurable,
} from './persistence.ts';
import { expireSessions, onRead, onWrite } from './primary.ts';
import { dropLeases, serveReads } from './read.ts';
import { heartbeat, replicate } from './replicate.ts';
import type { Primary } from './role.ts';
import { countSilence, isLost } from './silence.ts';
import { ReplicaState } from './state.ts';
import { learnView } from './view-change.ts';

/**
 * Key for the promises of an earlier run of this server. Only the disk survived that run, so its primaries are unknown.
 */
const FORMER_RUN = '';

export class Replica {
  readonly inspection: ReplicaInspection;
  readonly #state: ReplicaState;
  #lastStepMs: number | undefined;
  #lastTickMs: number | undefined;

  /** @param disk The data on this server's disk; undefined if it has no disk. */
  constructor(config: ReplicaConfig, disk?: Restored) {
    this.#state = new ReplicaState(config);
    if (disk !== undefined) restore(this.#state, disk);
    this.inspection = new ReplicaInspection(this.#state);
  }

  /**
   * Takes one event and returns its effects, which must be carried out in order. `at` must be read after the event
   * arrived (L3). Every `send` effect must be followed by one `answer` or `unanswered` event. Throws BrokenInvariant;
   * the server must then stop.
   */
  step(event: Event, at: Instant): readonly Effect[] {
    const state = this.#state;
    state.at = at;
    state.effects = [];
    const before = { viewnum: state.view.viewnum, commitIndex: state.commitIndex };
    if (state.isRestored) this.#rememberPromises();
    this.#noteSilence();
    this.#dispatch(event);
    checkInvariants(state, before);
    return state.effects;
  }

  /** True until the monitor has heard of this run and this server knows a view. Until then it cannot hold a seat. */
  get isStarting(): boolean {
    const { introduced, fulfilled, view } = this.#state;
    return !introduced || (fulfilled === 0 && view.viewnum === 0);
  }

  /**
   * The content of the next ping, without the sequence number, which the pinger adds (V11). Undefined while nothing may
   * be reported yet.
   */
  report(): Omit<Ping, 'seq'> | undefined {
    const state = this.#state;
    const { server, secret, priority } = state.config;
    const { incarnation, last, fulfilled, view, cluster } = told(state);
    if (incarnation === '') return undefined;
    const isFallenBack = comparePositions(last, state.reported) < 0;
    if (!isFallenBack) state.reported = last;
    const report: Writable<Ping> = { server, viewnum: fulfilled, incarnation, secret, priority };
    if (cluster !== '') report.cluster = cluster;
    if (fulfilled > 0) report.view = view;
    if (fulfilled > 0 && !isFallenBack) report.position = last;
    if (state.role.kind === 'primary') report.lost = lostBackups(state, state.role);
    if (saysLeaving(state)) report.leaving = true;
    return report;
  }

  /**
   * Describes this server to a caller that asks it at its own address, and says whether `secret` is this run's secret
   * (R3).
   */
  identity(secret: string): Identity {
    const { config, incarnation, view } = this.#state;
    return { server: config.server, incarnation, view, isOwnSecret: secret === config.secret };
  }

  status(): ServerStatus {
    const state = this.#state;
    const { role, config, incarnation, view, log, machine } = state;
    return {
      server: config.server,
      role: role.kind,
      incarnation,
      view,
      ready: role.kind === 'primary' ? role.serving && isActing(state) : role.kind === 'backup' && role.complete,
      position: log.last,
      commitIndex: state.commitIndex,
      keys: machine.cells.size,
      sessions: machine.sessions.size,
      rememberedResults: machine.sessions.remembered,
      memory: memoryStatus(state),
      backups: role.kind === 'primary' ? backupStatus(state, role) : [],
      counters: { ...state.counters },
    };
  }

  #dispatch(event: Event): void {
    const state = this.#state;
    switch (event.kind) {
      case 'write':
        return onWrite(state, event);
      case 'read':
        return onRead(state, event);
      case 'snapshot-read':
        return readSnapshot(state, event);
      case 'requests':
        for (const request of event.requests) this.#dispatch(request);
        return;
      case 'message':
        return onMessage(state, event.requester, event.message);
      case 'answer':
        return onAnswer(state, event.from, event.number, event.answer);
      case 'unanswered':
        if (state.role.kind === 'primary') onBackupSilence(state, state.role, event.to, event.number);
        return;
      case 'turn-end':
        return onTurnEnd(state);
      case 'tick':
        return this.#onTick();
      case 'pinged':
        if (event.viewnum === 0 || state.fulfilled > 0) state.introduced = true;
        releaseBackups(state);
        learnView(state, event.view);
        return noteCompany(state, event.alone === true);
      case 'outnumbered':
        return this.#onOutnumbered(event.incarnation);
      case 'monitor-told':
        return onMonitorTold(state, event.number, event.view);
      case 'server-told':
        return onServerTold(state, event.number, event.identity);
      case 'persisted':
        return onPersisted(state, event.number);
      case 'leave':
        return onLeave(state);
      default:
        return unreachable(event);
    }
  }

  /**
   * Another run has a newer incarnation. This run has not taken part in anything yet, so it only takes a new one (V11).
   */
  #onOutnumbered(incarnation: string): void {
    const state = this.#state;
    assert(this.isStarting, 'V11: a run that takes part keeps its name');
    state.incarnation = incarnation;
    state.introduced = false;
    noteIncarnation(state);
  }

  #onTick(): void {
    const state = this.#state;
    const sinceMs = state.at.now - (this.#lastTickMs ?? state.at.now);
    this.#lastTickMs = state.at.now;
    state.promises.forgetOver(state.at.now);
    state.snapshots.forgetUnused(state.at.now);
    if (!checkRoom(state)) state.snapshots.keepLast();
    giveUpLocalReads(state);
    giveUpDoubts(state);
    if (state.role.kind === 'primary' && isActing(state)) {
      for (const progress of state.role.backups.values()) countSilence(state, progress, sinceMs);
      expireSessions(state, state.role);
      heartbeat(state, state.role);
    }
    if (state.leaving !== undefined) state.effects.push({ kind: 'ping' });
    noteIdleness(state);
    onTurnEnd(state);
  }

  /**
   * Assumes that the earlier run made a promise just before it ended, and waits until that promise has expired (L2).
   */
  #rememberPromises(): void {
    const { promises, at, config } = this.#state;
    promises.grant(FORMER_RUN, Number.POSITIVE_INFINITY, at.now, config.leaseMs);
    this.#state.isRestored = false;
  }

  /**
   * Handles a pause of this process. The pause proves nothing about other servers, so leases are dropped and the counts
   * of silence restart (L3, V13).
   */
  #noteSilence(): void {
    const state = this.#state;
    const sinceMs = state.at.now - (this.#lastStepMs ?? state.at.now);
    this.#lastStepMs = state.at.now;
    if (sinceMs <= state.config.leaseMs / 2 || state.role.kind !== 'primary') return;
    dropLeases(state, state.role);
    for (const progress of state.role.backups.values()) {
      progress.silentMs = 0;
      progress.stuckMs = 0;
    }
    this.#lastTickMs = state.at.now;
  }
}

/** Runs after all events of one turn of the event loop. Operations that arrived in the same turn are sent together. */
function onTurnEnd(state: ReplicaState): void {
  askForPosition(state);
  const { role } = state;
  if (role.kind === 'primary' && isActing(state)) {
    advanceCommit(state, role);
    considerServing(state, role);
    replicate(state, role);
    serveReads(state, role);
    considerFulfilled(state, role);
    trimLog(state);
  }
  stepLeave(state);
  persist(state);
}

function onAnswer(state: ReplicaState, from: string, number: number, answer: Answer): void {
  // The answer comes from a member of this server's view, at that member's own address, so its view is trusted (R3).
  if (answer.kind === 'stale') learnView(state, answer.view);
  if (answer.kind === 'position') onPosition(state, number, answer.commitIndex);
  const { role } = state;
  if (role.kind === 'primary') onBackupAnswer(state, role, from, number, answer);
}

function considerServing(state: ReplicaState, primary: Primary): void {
  if (primary.serving || state.commitIndex < primary.floor) return;
  primary.serving = true;
  state.notice({ kind: 'serving', viewnum: state.view.viewnum });
}

/**
 * Marks the view as fulfilled, and pings the monitor to acknowledge it, when every backup holds everything committed
 * and the primary is serving, which means that its promises have run out (V7, R7, L2).
 */
function considerFulfilled(state: ReplicaState, primary: Primary): void {
  if (!primary.serving || state.fulfilled === state.view.viewnum) return;
  for (const progress of primary.backups.values()) {
    if (!progress.counted || progress.match < state.commitIndex || progress.confirmed < primary.firstNumber) return;
  }
  for (const progress of primary.backups.values()) {
    if (progress.catchingUp !== undefined)
      state.notice({ kind: 'synced', backup: progress.server, index: progress.match });
  }
  state.fulfil(state.view.viewnum);
  state.notice({ kind: 'acknowledged', viewnum: state.fulfilled });
  whenDurable(state, { kind: 'ping' });
}

function lostBackups(state: ReplicaState, primary: Primary): string[] {
  const lost = [];
  for (const progress of primary.backups.values())
    if (progress.hasNoRoom || isLost(state, progress)) lost.push(progress.server);
  return lost;
}

function backupStatus(state: ReplicaState, primary: Primary): BackupStatus[] {
  return [...primary.backups.values()].map(({ server, counted, match, sending, isFull }) => ({
    server,
    full: isFull,
    syncing: !counted || match < state.commitIndex,
    verified: match,
    lag: state.log.lastIndex - match,
    ...(sending === undefined ? {} : { transfer: { sent: sending.sent, total: sending.total } }),
  }));
}

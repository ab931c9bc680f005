/**
 * The state of a replica, and the effects of the current step. Every handler of the core reads and changes this object.
 */
import type { Refused } from '@understudy/rpc';
import { NO_VIEW, type Position, type View } from '@understudy/sysmonitor';
import { type ReplicaConfig, silenceMs } from './config.ts';
import type { Doubt } from './doubt.ts';
import type { Effect, Failure, ReplicaNotice } from './effect.ts';
import type { Instant, Requester } from './event.ts';
import type { Journal } from './journal.ts';
import { Promises } from './lease.ts';
import { Log, ORIGIN } from './log.ts';
import type { Envelope, Message } from './message.ts';
import { IDLE, type LocalRead, type Role } from './role.ts';
import { Snapshots } from './snapshots.ts';
import { StateMachine } from './state-machine.ts';

export class ReplicaState {
  readonly config: ReplicaConfig;
  /** The incarnation of this run, as the monitor knows it (V11). */
  incarnation: string;
  readonly log = new Log();
  machine: StateMachine;
  /**
   * The last committed entry. Entries are applied in the step in which they commit, so this is also the last applied
   * entry.
   */
  commitIndex = 0;
  cluster = '';
  /** The newest view that this server knows. */
  view: View = NO_VIEW;
  role: Role = IDLE;
  /** The highest view that this server has fulfilled; 0 if it holds no data (V7). */
  fulfilled = 0;
  /** True once the monitor has heard of this run. Before that, the run takes part in nothing (V2). */
  introduced = false;
  readonly promises = new Promises();
  /** Claims that are being checked with the monitor or another server. */
  doubts: Doubt[] = [];
  /** The confirmed secrets of other runs, by incarnation; the oldest come first. */
  readonly secrets = new Map<string, string>();
  localReads: LocalRead[] = [];
  readonly snapshots = new Snapshots();
  /** The highest position reported to the monitor. A lower one is never reported. */
  reported: Position = ORIGIN;
  /** Undefined if there is no disk. Everything then counts as durable at once. */
  journal: Journal | undefined;
  /** True right after a restart from disk: earlier promises are unknown (L2). */
  isRestored = false;
  /**
   * True if the server accepts no more data: its memory use rose above the upper mark and has not fallen below the
   * lower one (M2).
   */
  isFull = false;
  leaving: Leaving | undefined;
  readonly counters: Counters = newCounters();
  effects: Effect[] = [];
  at: Instant = { now: 0, wall: 0 };
  #lastNumber = 0;

  constructor(config: ReplicaConfig) {
    this.config = config;
    this.incarnation = config.incarnation;
    this.machine = new StateMachine(config.limits);
  }

  /** The number of the next message. */
  get nextNumber(): number {
    return this.#lastNumber + 1;
  }

  takeNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  fulfil(viewnum: number): void {
    this.fulfilled = viewnum;
    this.noteMeta();
  }

  /** Records that something changed which must survive a restart, so it is written with the next write. */
  noteMeta(): void {
    if (this.journal !== undefined) this.journal.metaChanged = true;
  }

  /** @param to The incarnation of the receiver. */
  envelope(to: string): Envelope {
    const { config, incarnation, cluster, view } = this;
    const { server, secret } = config;
    return { server, incarnation, secret, cluster, to, viewnum: view.viewnum, number: this.takeNumber() };
  }

  /**
   * @param patienceMs How long to wait for an answer. The default is the time for which a server may be silent; callers
   * that know the round trip pass a better value.
   */
  send(to: string, message: Message, patienceMs = silenceMs(this.config)): void {
    this.effects.push({ kind: 'send', to, message, patienceMs });
  }

  result(requester: Requester, result: object): void {
    this.effects.push({ kind: 'result', requester, result });
  }

  fail(requester: Requester, failure: Failure): void {
    this.effects.push({ kind: 'failure', requester, failure });
  }

  notice(notice: ReplicaNotice): void {
    this.effects.push({ kind: 'notice', notice });
  }

  /** Reports a message that is refused because it is wrong. The message changes nothing. */
  refuseMessage(refused: Omit<Refused, 'kind'>): void {
    this.notice({ kind: 'message-refused', ...refused });
  }

  refuseAsNotPrimary(requester: Requester): void {
    const message =
      this.view.primary === ''
        ? 'this server knows of no primary'
        : `the primary of view ${this.view.viewnum} is ${this.view.primary}`;
    this.fail(requester, { name: 'NOT_PRIMARY', message, data: { view: this.view } });
  }
}

/** The state of a planned leave (V14); see leave.ts. */
export interface Leaving {
  readonly sinceMs: number;
  phase: 'serving' | 'draining' | 'announced' | 'released' | 'left';
  /**
   * Requests that arrived since the primary stopped answering. They are told the new primary once the view has changed.
   */
  readonly held: Requester[];
  /** When the monitor last answered a ping during the leave; undefined if it has not. */
  answeredMs: number | undefined;
  /** Since when the monitor knows of no other server that stays; undefined if it knows of one. */
  aloneSinceMs: number | undefined;
}

/** How often each of these events happened. */
export interface Counters {
  duplicatesAnswered: number;
  prepares: number;
  suffixesCut: number;
  transfersStarted: number;
  transfersRestarted: number;
  catchUpsByEntries: number;
  readsUnderLease: number;
  readsConfirmed: number;
  leasesDropped: number;
  staleViewsRefused: number;
  backupsLost: number;
  sessionsExpired: number;
  writesWithoutRoom: number;
}

function newCounters(): Counters {
  return {
    duplicatesAnswered: 0,
    prepares: 0,
    suffixesCut: 0,
    transfersStarted: 0,
    transfersRestarted: 0,
    catchUpsByEntries: 0,
    readsUnderLease: 0,
    readsConfirmed: 0,
    leasesDropped: 0,
    staleViewsRefused: 0,
    backupsLost: 0,
    sessionsExpired: 0,
    writesWithoutRoom: 0,
  };
}

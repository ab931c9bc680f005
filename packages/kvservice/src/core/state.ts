/** Everything a replica knows, and the effects of the step under way. */
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
  /** This run, by the name that the monitor takes it by (V11). */
  incarnation: string;
  readonly log = new Log();
  machine: StateMachine;
  /** Committed and, in the same step, applied. */
  commitIndex = 0;
  cluster = '';
  /** The newest view that this server knows. */
  view: View = NO_VIEW;
  role: Role = IDLE;
  /** The highest view that this server has fulfilled; 0: it holds no data (V7). */
  fulfilled = 0;
  /** The monitor has heard of this run before it takes part in anything (V2). */
  introduced = false;
  readonly promises = new Promises();
  /** What was claimed and is being asked about. */
  doubts: Doubt[] = [];
  /** By incarnation: the secrets of runs that confirmed them, the oldest first. */
  readonly secrets = new Map<string, string>();
  localReads: LocalRead[] = [];
  readonly snapshots = new Snapshots();
  /** The highest position that the monitor was told: it is never told a lower one. */
  reported: Position = ORIGIN;
  /** Undefined: there is no disk, and everything counts at once. */
  journal: Journal | undefined;
  /** It began with data from a disk, and has forgotten what it promised before (L2). */
  isRestored = false;
  /** It takes no more data: what it holds went above the upper mark, and has not come below the lower one since (M2). */
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

  /** The number that the next message will have. */
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

  /** Something that a restart has to know has changed. */
  noteMeta(): void {
    if (this.journal !== undefined) this.journal.metaChanged = true;
  }

  /** `to`: the run of the receiver that is meant. */
  envelope(to: string): Envelope {
    const { config, incarnation, cluster, view } = this;
    const { server, secret } = config;
    return { server, incarnation, secret, cluster, to, viewnum: view.viewnum, number: this.takeNumber() };
  }

  /** `patienceMs`: how long an answer may take; as long as a server may be silent, unless more is known of the way. */
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

  /** Something from outside is wrong, and changes nothing. */
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

/** A server on its way out (V14): see leave.ts. */
export interface Leaving {
  readonly sinceMs: number;
  phase: 'serving' | 'draining' | 'announced' | 'released' | 'left';
  /** Whoever asked since answers stopped: told who is primary once the view has changed. */
  readonly held: Requester[];
  /** When the monitor has last answered a ping since; undefined: it has not. */
  answeredMs: number | undefined;
  /** Since when the monitor knows of no other server that stays; undefined: it knows of one. */
  aloneSinceMs: number | undefined;
}

/** How often each thing has happened here. */
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

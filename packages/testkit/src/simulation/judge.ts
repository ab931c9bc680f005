/**
 * Checks every event of a run against the invariants, and collects the violations. An invariant declares which part of
 * a step it looks at, so that most steps call only a few invariants.
 */
import { type ReplicaInspection, type ReplicaStep, requestsOf } from '@understudy/kvservice';
import type { Address } from '@understudy/rpc';
import type { MonitorStep } from '@understudy/sysmonitor';
import { answersOf } from '../invariants/answers.ts';
import type { ClusterFacts, Invariant, ObservedStep } from '../invariants/invariant.ts';
import { type LogChange, LogWatch } from './log-watch.ts';
import type { Violation } from './result.ts';
import { Truth } from './truth.ts';

export interface JudgeParts {
  readonly invariants: readonly Invariant[];
  /** Virtual milliseconds. */
  readonly now: () => number;
  /**
   * Called at the first violation, after which the run need not continue. `where` is the process whose step broke the
   * property; "" if there is none.
   */
  readonly onViolation: (violation: Violation, where: Address) => void;
  /** Called when a step of a server changed its log. */
  readonly onLog: (replica: ReplicaInspection, change: LogChange) => void;
}

export class Judge implements ClusterFacts {
  readonly truth = new Truth();
  readonly replicas = new Map<string, ReplicaInspection>();
  readonly violations: Violation[] = [];
  monitor: MonitorStep['state'];
  #isClosed = false;
  readonly #parts: JudgeParts;
  /** The invariants to check for a step, indexed by what the step contains (`newsOf`). */
  readonly #onReplica: readonly (readonly Question[])[];
  readonly #onMonitor: readonly Invariant[];
  /** One log watch per incarnation. */
  readonly #logs = new WeakMap<ReplicaInspection, LogWatch>();

  constructor(parts: JudgeParts) {
    this.#parts = parts;
    const questions = parts.invariants.flatMap(questionOf);
    this.#onReplica = Array.from({ length: ANYTHING + LOG + TALK + 1 }, (_, news) =>
      questions.filter(({ invariant }) => hasToLook(invariant, news)),
    );
    this.#onMonitor = parts.invariants.filter(({ onMonitor }) => onMonitor !== undefined);
  }

  /** Call this after every step of a server. */
  replica(step: ReplicaStep): void {
    const { event, effects, replica } = step;
    if (this.replicas.get(replica.server) !== replica) this.replicas.set(replica.server, replica);
    const log = this.#logOf(replica);
    const observed: ObservedStep = {
      event,
      effects,
      replica,
      log,
      change: log.compare(replica, event),
      requests: requestsOf(event),
      answers: answersOf(effects),
    };
    if (observed.change !== undefined) this.#parts.onLog(replica, observed.change);
    for (const { ask, invariant } of this.#onReplica[newsOf(observed)] ?? []) {
      const message = ask(observed, this);
      if (message !== undefined) this.violate(invariant.property, invariant.rules, message, replica.server);
    }
  }

  /** Call this after every step of the monitor. */
  monitorStep(step: MonitorStep): void {
    this.monitor = step.state;
    for (const invariant of this.#onMonitor) {
      const message = invariant.onMonitor?.(step, this);
      if (message !== undefined) this.violate(invariant.property, invariant.rules, message);
    }
  }

  /** Later violations do not count, except those of `conclude`. */
  close(): void {
    this.#isClosed = true;
  }

  violate(property: string, rules: string, message: string, where: Address = ''): void {
    if (!this.#isClosed) this.conclude(property, rules, message, where);
  }

  /** Reports a violation that only the end of the run shows. It counts for a halted run too. */
  conclude(property: string, rules: string, message: string, where: Address = ''): void {
    const violation = { property, rules, message, atMs: this.#parts.now() };
    this.violations.push(violation);
    if (this.violations.length === 1) this.#parts.onViolation(violation, where);
  }

  #logOf(replica: ReplicaInspection): LogWatch {
    let log = this.#logs.get(replica);
    if (log === undefined) {
      log = new LogWatch();
      this.#logs.set(replica, log);
    }
    return log;
  }
}

/**
 * An invariant of servers. `ask` is bound once: looking up a method on objects of many classes takes as long as most
 * checks.
 */
interface Question {
  readonly invariant: Invariant;
  readonly ask: NonNullable<Invariant['onReplica']>;
}

function questionOf(invariant: Invariant): readonly Question[] {
  return invariant.onReplica === undefined ? [] : [{ invariant, ask: invariant.onReplica.bind(invariant) }];
}

/** What a step contains, as a sum of these flags; 0 if it contains nothing to look at. */
const ANYTHING = 1;
const LOG = 2;
const TALK = 4;

/** A completed disk write counts too, even if nothing follows from it at once. */
function newsOf({ event, change, requests, answers, effects }: ObservedStep): number {
  const isTalk = requests.length > 0 || answers.length > 0 || event.kind === 'snapshot-read';
  const isLog = change !== undefined;
  const isAnything = isTalk || isLog || effects.length > 0 || event.kind === 'persisted';
  return (isAnything ? ANYTHING : 0) + (isLog ? LOG : 0) + (isTalk ? TALK : 0);
}

function hasToLook({ looksAt }: Invariant, news: number): boolean {
  if (looksAt === 'state') return true;
  if (looksAt === 'log') return (news & LOG) !== 0;
  return (news & (looksAt === 'talk' ? TALK : ANYTHING)) !== 0;
}

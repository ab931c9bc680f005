/** Holds every event of a run against the invariants, and keeps what was broken. */
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
  /** Told at the first violation: the run need not go on. `where`: the process whose step broke the property; "" where none did. */
  readonly onViolation: (violation: Violation, where: Address) => void;
  /** Told when a step of a server changed its log. */
  readonly onLog: (replica: ReplicaInspection, change: LogChange) => void;
}

export class Judge implements ClusterFacts {
  readonly truth = new Truth();
  readonly replicas = new Map<string, ReplicaInspection>();
  readonly violations: Violation[] = [];
  monitor: MonitorStep['state'];
  #isClosed = false;
  readonly #parts: JudgeParts;
  readonly #onReplica: readonly Invariant[];
  /** Those of them that are asked even when a step has brought nothing, as most do. */
  readonly #onState: readonly Invariant[];
  readonly #onMonitor: readonly Invariant[];
  /** By incarnation. */
  readonly #logs = new WeakMap<ReplicaInspection, LogWatch>();

  constructor(parts: JudgeParts) {
    this.#parts = parts;
    this.#onReplica = parts.invariants.filter(({ onReplica }) => onReplica !== undefined);
    this.#onState = this.#onReplica.filter(({ looksAtState }) => looksAtState === true);
    this.#onMonitor = parts.invariants.filter(({ onMonitor }) => onMonitor !== undefined);
  }

  /** After every step of a server. */
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
    for (const invariant of isQuiet(observed) ? this.#onState : this.#onReplica) {
      const message = invariant.onReplica?.(observed, this);
      if (message !== undefined) this.violate(invariant.property, invariant.rules, message, replica.server);
    }
  }

  /** After every step of the monitor. */
  monitorStep(step: MonitorStep): void {
    this.monitor = step.state;
    for (const invariant of this.#onMonitor) {
      const message = invariant.onMonitor?.(step, this);
      if (message !== undefined) this.violate(invariant.property, invariant.rules, message);
    }
  }

  /** There is nothing left to judge. */
  close(): void {
    this.#isClosed = true;
  }

  violate(property: string, rules: string, message: string, where: Address = ''): void {
    if (!this.#isClosed) this.conclude(property, rules, message, where);
  }

  /** A violation that only the end of the run shows, also of one that was halted. */
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

/** There is no more in it than that it was. A write that came to the disk is news, although nothing follows from it at once. */
function isQuiet({ event, change, requests, effects }: ObservedStep): boolean {
  return change === undefined && requests.length === 0 && effects.length === 0 && event.kind !== 'persisted';
}

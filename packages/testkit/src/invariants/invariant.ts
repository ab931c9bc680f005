/** The interface of an invariant: what it sees of a step, and how it reports a violation. */
import type { ReplicaInspection, ReplicaStep, requestsOf } from '@understudy/kvservice';
import type { MonitorStep } from '@understudy/sysmonitor';
import type { LogChange, LogWatch } from '../simulation/log-watch.ts';
import type { Truth } from '../simulation/truth.ts';
import type { GivenAnswer } from './answers.ts';

/** A property of the whole cluster that must hold after every event. One object judges one run. */
export interface Invariant {
  /** The name of the property in a violation. */
  readonly property: string;
  /** The rules of docs/PROTOCOL.md. */
  readonly rules: string;
  /**
   * The part of a step that `onReplica` looks at. For a step without that part, `onReplica` would find nothing and
   * change nothing, so it is not called. `state`: the server itself, so it is called after every step. `log`: `change`.
   * `talk`: requests and answers. Absent: everything that a step contains.
   */
  readonly looksAt?: 'state' | 'log' | 'talk';
  /** Called after each step of a server. Returns what is wrong, in words; undefined if nothing is. */
  onReplica?(observed: ObservedStep, cluster: ClusterFacts): string | undefined;
  /** Called after each ping and tick of the monitor. */
  onMonitor?(step: MonitorStep, cluster: ClusterFacts): string | undefined;
}

export interface ObservedStep extends ReplicaStep {
  /** The requests in the event. */
  readonly requests: ReturnType<typeof requestsOf>;
  /** The answers among the effects. */
  readonly answers: readonly GivenAnswer[];
  /** Undefined if the log and the commit index did not change. */
  readonly change: LogChange | undefined;
  /** The log before this step. */
  readonly log: LogWatch;
}

export interface ClusterFacts {
  readonly truth: Truth;
  /** The replica of each running server, by address. */
  readonly replicas: ReadonlyMap<string, ReplicaInspection>;
  /** The monitor's last decision. */
  readonly monitor: MonitorStep['state'];
}

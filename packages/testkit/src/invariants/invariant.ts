/** What an invariant gets to see, and how it says that it was broken. */
import type { ReplicaInspection, ReplicaStep, requestsOf } from '@understudy/kvservice';
import type { MonitorStep } from '@understudy/sysmonitor';
import type { LogChange, LogWatch } from '../simulation/log-watch.ts';
import type { Truth } from '../simulation/truth.ts';
import type { GivenAnswer } from './answers.ts';

/** A property of the whole cluster that must hold after every event. One object judges one run. */
export interface Invariant {
  /** As a violation names it. */
  readonly property: string;
  /** Of docs/PROTOCOL.md. */
  readonly rules: string;
  /**
   * What `onReplica` looks at; where there is nothing of it, `onReplica` finds nothing and changes nothing. `state`: the server itself,
   * so it is asked after every step. `log`: `change`. `talk`: requests and answers. Absent: everything that a step brings.
   */
  readonly looksAt?: 'state' | 'log' | 'talk';
  /** After each step of a server. Gives what is wrong, in words; undefined: nothing. */
  onReplica?(observed: ObservedStep, cluster: ClusterFacts): string | undefined;
  /** After each ping and tick of the monitor. */
  onMonitor?(step: MonitorStep, cluster: ClusterFacts): string | undefined;
}

export interface ObservedStep extends ReplicaStep {
  /** What is asked with the event. */
  readonly requests: ReturnType<typeof requestsOf>;
  /** Those among the effects. */
  readonly answers: readonly GivenAnswer[];
  /** Undefined: the log and the commit index are as they were. */
  readonly change: LogChange | undefined;
  /** As it was before this step. */
  readonly log: LogWatch;
}

export interface ClusterFacts {
  readonly truth: Truth;
  /** The living run of each server, by address. */
  readonly replicas: ReadonlyMap<string, ReplicaInspection>;
  /** What the monitor decided last. */
  readonly monitor: MonitorStep['state'];
}

/** Every committed entry is in the log of every server that may be promoted. */
import type { MonitorState, MonitorStep } from '@understudy/sysmonitor';
import type { ClusterFacts, Invariant, ObservedStep } from './invariant.ts';

export class CommittedIsHeld implements Invariant {
  readonly property = 'what is committed is held by all who may be promoted';
  readonly rules = 'R4, V3';
  readonly looksAt = 'log';
  #safe: readonly string[] = [];
  #seats: MonitorState['seats'] = [];

  onReplica({ change }: ObservedStep, cluster: ClusterFacts): string | undefined {
    return change === undefined ? undefined : this.#check(cluster);
  }

  onMonitor({ state }: MonitorStep, cluster: ClusterFacts): string | undefined {
    if (state?.safe === this.#safe && state.seats === this.#seats) return undefined;
    this.#safe = state?.safe ?? [];
    this.#seats = state?.seats ?? [];
    return this.#check(cluster);
  }

  #check({ truth, replicas }: ClusterFacts): string | undefined {
    for (const server of this.#safe) {
      const replica = replicas.get(server);
      // A server that died since, or that runs again without its data, is not promoted: the monitor hears of the loss
      // first (V2).
      const seat = this.#seats.find((candidate) => candidate.server === server);
      if (replica === undefined || seat?.incarnation !== replica.incarnation || truth.isHeldBy(replica)) continue;
      return `entry ${truth.lastIndex} of view ${truth.viewnumAt(truth.lastIndex)} is committed, and ${server}, which may be promoted, does not hold it: its log ends at ${replica.lastIndex}`;
    }
    return undefined;
  }
}

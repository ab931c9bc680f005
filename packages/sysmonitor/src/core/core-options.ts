/** What the monitor's core is told when it begins. */
import type { MonitorState } from './state.ts';

export interface MonitorCoreOptions {
  /** Backups that a view should have. */
  readonly backups: number;
  /** Milliseconds. */
  readonly pingInterval: number;
  readonly deadPings: number;
  /** Nobody can have survived: do not listen before view 1 (V1). */
  readonly newCluster: boolean;
  /** Do not trust `state`, nor the absence of one: go on from what the servers report, or as an operator says (V12). */
  readonly recover?: boolean;
  /** What the cluster will be called if this monitor makes its view 1; a further one gets a number behind it. */
  readonly newClusterId: string;
  /** Servers that are remembered beside the members of the view. */
  readonly maxServers?: number;
  /** As a store kept it (V9). */
  readonly state?: MonitorState | undefined;
  /** Milliseconds on the clock of all later calls. */
  readonly now: number;
}

/** The options of the monitor's core. */
import type { MonitorState } from './state.ts';

export interface MonitorCoreOptions {
  /** The number of backups that a view should have. */
  readonly backups: number;
  /** Milliseconds. */
  readonly pingInterval: number;
  readonly deadPings: number;
  /** The cluster is new, so there are no survivors to listen for before view 1 (V1). */
  readonly newCluster: boolean;
  /**
   * Trust neither `state` nor its absence. Rebuild the view from the servers' reports, or on an operator's command
   * (V12).
   */
  readonly recover?: boolean;
  /**
   * The id of the cluster if this monitor begins view 1. A further cluster of the same monitor gets a number as a
   * suffix.
   */
  readonly newClusterId: string;
  /** The number of servers remembered besides the members of the view. */
  readonly maxServers?: number;
  /** The state as the store returned it (V9). */
  readonly state?: MonitorState | undefined;
  /** Milliseconds on the same clock as all later calls. */
  readonly now: number;
}

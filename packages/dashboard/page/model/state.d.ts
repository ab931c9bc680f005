/**
 * The page's state: what each node reported, and what follows from all reports together. Nothing here is changed in
 * place, only replaced.
 */
import type { ChaosState, Level } from '../../src/feed.ts';
import type { Cause, MonitorStatus, ServerStatus, View, Waiting } from './status.d.ts';
import type { Condition } from './topology.d.ts';

/** Milliseconds since 1970 on the page's clock. Times of a node's clock are converted first. */
export type PageTime = number;

export interface NodeState {
  readonly node: string;
  /** Undefined until the node has reported it. */
  readonly kind: 'monitor' | 'server' | 'control' | undefined;
  readonly link: 'connecting' | 'open' | 'lost';
  /** Since when the link has been in this state. */
  readonly linkSince: PageTime;
  /** When the node was last heard. */
  readonly heardAt: PageTime | undefined;
  /** When the node's run began. */
  readonly since: number | undefined;
  readonly pingIntervalMs: number;
  readonly deadPings: number;
  /** When the last sample was taken. */
  readonly sampledAt: PageTime | undefined;
  readonly monitor: MonitorStatus | undefined;
  readonly server: ServerStatus | undefined;
  readonly chaos: ChaosState | undefined;
}

export interface ViewEntry {
  readonly viewnum: number;
  readonly at: PageTime;
  readonly view: View;
  readonly causes: readonly Cause[];
  readonly acknowledgedAt: PageTime | undefined;
  /** The view has another primary than the previous one. */
  readonly isFailover: boolean;
}

export interface FeedEntry {
  /** Unique. */
  readonly id: string;
  readonly at: PageTime;
  readonly node: string;
  readonly level: Level;
  readonly kind: string;
  readonly text: string;
}

/** One node as the page shows it. */
export interface Member {
  readonly node: string;
  readonly role: 'monitor' | 'primary' | 'backup' | 'idle';
  readonly condition: Condition;
  /** An additional remark, such as "came back without its data"; or "". */
  readonly remark: string;
  readonly server: ServerStatus | undefined;
  /** Entries that the node does not hold yet, as its primary counts them. */
  readonly lag: number | undefined;
  /** Milliseconds since its last ping, as of the moment shown. */
  readonly lastPingMs: number | undefined;
  readonly ring: number | undefined;
  /** The age of its data in milliseconds. Undefined: the node itself reported nothing. */
  readonly ageMs: number | undefined;
  readonly isStale: boolean;
  readonly isHeard: boolean;
}

export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly total: number;
  /** Undefined until the speed is known. */
  readonly recordsPerSecond: number | undefined;
  readonly remainingMs: number | undefined;
}

/** The cluster at one moment. */
export interface Cluster {
  readonly at: PageTime;
  readonly view: View;
  /** Undefined: no node reports it. */
  readonly acknowledged: boolean | undefined;
  readonly phase: MonitorStatus['phase'] | undefined;
  readonly waiting: Waiting | undefined;
  readonly backupsWanted: number | undefined;
  readonly members: readonly Member[];
  readonly monitors: readonly Member[];
  readonly transfers: readonly Transfer[];
  /** The age of the newest data. Undefined: nothing was ever heard. */
  readonly ageMs: number | undefined;
  /** Only the views of this moment are known, because the page did not listen yet. */
  readonly isFromHistory: boolean;
  readonly pingIntervalMs: number;
  readonly deadPings: number;
}

export interface Verdict {
  readonly level: 'good' | 'warn' | 'bad' | 'unknown';
  readonly headline: string;
  readonly more: string;
  /** A command for a terminal. */
  readonly command?: string;
}

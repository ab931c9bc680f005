/** What the page knows: of each node what it told itself, and what follows from all of them together. Everything here is never changed, only replaced. */
import type { ChaosState, Level } from '../../src/feed.ts';
import type { Cause, MonitorStatus, ServerStatus, View, Waiting } from './status.d.ts';
import type { Condition } from './topology.d.ts';

/** Milliseconds since 1970 on the page's clock; what a node says of its own clock is converted first. */
export type PageTime = number;

export interface NodeState {
  readonly node: string;
  /** Undefined until it has said so itself. */
  readonly kind: 'monitor' | 'server' | 'control' | undefined;
  readonly link: 'connecting' | 'open' | 'lost';
  /** Since when the link is as it is. */
  readonly linkSince: PageTime;
  /** When it was last heard at all. */
  readonly heardAt: PageTime | undefined;
  /** When its run began. */
  readonly since: number | undefined;
  readonly pingIntervalMs: number;
  readonly deadPings: number;
  /** When its last sample was taken. */
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
  /** It has another primary than the one before. */
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
  /** What else is to be said of it, such as "came back without its data"; or "". */
  readonly remark: string;
  readonly server: ServerStatus | undefined;
  /** Entries that it does not hold yet, as its primary counts them. */
  readonly lag: number | undefined;
  /** Milliseconds since its last ping, as of the moment shown. */
  readonly lastPingMs: number | undefined;
  readonly ring: number | undefined;
  /** How old what is shown of it is, in milliseconds; undefined: it told nothing itself. */
  readonly ageMs: number | undefined;
  readonly isStale: boolean;
  readonly isHeard: boolean;
}

export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly total: number;
  /** Undefined until it is known how fast it goes. */
  readonly recordsPerSecond: number | undefined;
  readonly remainingMs: number | undefined;
}

/** The cluster at one moment. */
export interface Cluster {
  readonly at: PageTime;
  readonly view: View;
  /** Undefined: nobody tells. */
  readonly acknowledged: boolean | undefined;
  readonly phase: MonitorStatus['phase'] | undefined;
  readonly waiting: Waiting | undefined;
  readonly backupsWanted: number | undefined;
  readonly members: readonly Member[];
  readonly monitors: readonly Member[];
  readonly transfers: readonly Transfer[];
  /** How old the newest of it is; undefined: nothing was ever heard. */
  readonly ageMs: number | undefined;
  /** Only the views are known of this moment: nobody listened yet. */
  readonly isFromHistory: boolean;
  readonly pingIntervalMs: number;
  readonly deadPings: number;
}

export interface Verdict {
  readonly level: 'good' | 'warn' | 'bad' | 'unknown';
  readonly headline: string;
  readonly more: string;
  /** A command to be run in a terminal. */
  readonly command?: string;
}

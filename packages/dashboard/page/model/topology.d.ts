/** The contents of a drawing of a cluster, for the live page and for a replay. */

export type Role = 'monitor' | 'primary' | 'backup' | 'idle' | 'client';

/** `suspect`: overdue, but not dead yet. `paused`: stopped on purpose. `unknown`: no node reports it. */
export type Condition = 'live' | 'syncing' | 'suspect' | 'dead' | 'paused' | 'unknown';

export interface TopologyNode {
  /** Identifies the node in links and flights. */
  readonly id: string;
  readonly label: string;
  readonly role: Role;
  readonly condition: Condition;
  /** The line below its role, such as "1,204 keys". */
  readonly detail?: string;
  /** 0 to 1: how much is left until silence counts as death. Undefined: no ring. */
  readonly ring?: number | undefined;
  /** 0 to 1: the share of the data that it has, while it is syncing. */
  readonly filled?: number | undefined;
}

export interface TopologyLink {
  readonly from: string;
  readonly to: string;
  /** `replication`: with an arrow. `ping`: a faint line. `cut`: a broken line. */
  readonly kind: 'replication' | 'ping' | 'cut';
  /** For example "lag 3". */
  readonly label?: string;
  /** Data flows right now. */
  readonly isBusy?: boolean;
  /** The label is a lag or a loss that should be noticed. */
  readonly isLate?: boolean;
}

/** A message under way. */
export interface Flight {
  readonly id: string | number;
  readonly from: string;
  readonly to: string;
  /** Becomes a CSS class for its colour: `ping`, `prepare`, `answer`, `request`, ... */
  readonly kind: string;
  readonly label?: string;
  /** 0 at the sender, 1 at the receiver. */
  readonly progress: number;
  /** It will not arrive. */
  readonly isLost?: boolean;
}

export interface Topology {
  readonly nodes: readonly TopologyNode[];
  readonly links: readonly TopologyLink[];
  readonly flights?: readonly Flight[];
  /** One sentence that describes the drawing, for users who cannot see it. */
  readonly words: string;
}

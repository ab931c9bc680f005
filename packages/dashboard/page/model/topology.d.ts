/** What a drawing of a cluster shows: of the live page, and of a replay alike. */

export type Role = 'monitor' | 'primary' | 'backup' | 'idle' | 'client';

/** `suspect`: overdue, not given up yet. `paused`: stands still on purpose. `unknown`: nobody tells. */
export type Condition = 'live' | 'syncing' | 'suspect' | 'dead' | 'paused' | 'unknown';

export interface TopologyNode {
  /** Names it in links and flights. */
  readonly id: string;
  readonly label: string;
  readonly role: Role;
  readonly condition: Condition;
  /** The line below its role, such as "1,204 keys". */
  readonly detail?: string;
  /** 0 to 1: how much is left until silence counts as death; undefined: no ring. */
  readonly ring?: number | undefined;
  /** 0 to 1: how much of the data it has got, while it is syncing. */
  readonly filled?: number | undefined;
}

export interface TopologyLink {
  readonly from: string;
  readonly to: string;
  /** `replication`: with an arrow. `ping`: a faint line. `cut`: a line that is broken. */
  readonly kind: 'replication' | 'ping' | 'cut';
  /** Such as "lag 3". */
  readonly label?: string;
  /** Something flows right now. */
  readonly isBusy?: boolean;
  /** The words of a lag, a loss: to be noticed. */
  readonly isLate?: boolean;
}

/** A message on its way. */
export interface Flight {
  readonly id: string | number;
  readonly from: string;
  readonly to: string;
  /** Becomes a class, for its colour: `ping`, `prepare`, `answer`, `request`, ... */
  readonly kind: string;
  readonly label?: string;
  /** 0 at its sender to 1 at its receiver. */
  readonly progress: number;
  /** It will not arrive. */
  readonly isLost?: boolean;
}

export interface Topology {
  readonly nodes: readonly TopologyNode[];
  readonly links: readonly TopologyLink[];
  readonly flights?: readonly Flight[];
  /** What it shows in one sentence, for those who do not see it. */
  readonly words: string;
}

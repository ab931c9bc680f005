/** The configuration of a replica, and the default limits. It is set at construction and never changes. */

export interface ReplicaConfig {
  /** The address that identifies this server. */
  readonly server: string;
  /** The incarnation of this run. A starting run may take a greater one (V11). */
  readonly incarnation: string;
  /** The secret of this run. Its messages carry it as proof of origin, and it is shown nowhere else (R3). */
  readonly secret: string;
  readonly priority: number;
  /** Writes are refused while fewer backups than this count (R11). */
  readonly minBackups: number;
  readonly pingIntervalMs: number;
  readonly deadPings: number;
  readonly leaseMs: number;
  readonly sessionTtlMs: number;
  /** How long a leaving server waits at most for a server that stays to hold the data (V14). */
  readonly leaveTimeoutMs: number;
  /** The memory that this server may use, in bytes (M1). */
  readonly maxBytes: number;
  readonly limits: Limits;
}

/** Bounds of memory and of messages. Weights are approximate bytes. */
export interface Limits {
  /** The number of operations that may wait for their result. */
  readonly pending: number;
  readonly pendingWeight: number;
  /**
   * UTF-16 units that pending operations may hash. A million take one to four milliseconds, and three times as long if
   * all characters are wide.
   */
  readonly pendingHashUnits: number;
  /**
   * Scans that may wait for a confirmation or for the primary's position. They are answered together, and each may take
   * a millisecond.
   */
  readonly pendingScans: number;
  readonly sessions: number;
  /** The number of remembered results per session. */
  readonly remembered: number;
  /** The most prepares in flight to one backup. */
  readonly window: number;
  readonly prepareEntries: number;
  readonly prepareWeight: number;
  /** The applied entries that the log keeps for short absences (R12). */
  readonly retainedEntries: number;
  readonly retainedWeight: number;
  /**
   * After so many entries, or so much weight, a checkpoint starts: the changes are written to disk as data, so that the
   * log can be cut.
   */
  readonly checkpointEntries: number;
  readonly checkpointWeight: number;
  /** The same bound for changes that cannot be written piece by piece: deletions and sessions. */
  readonly checkpointStep: number;
  /** The most keys in one piece of a checkpoint. */
  readonly pieceCells: number;
  /** The weight up to which the log may grow for a transfer. Beyond it, the transfer starts over. */
  readonly transferWeight: number;
  /** UTF-16 units of text in one chunk. Each takes at most six bytes on the network. */
  readonly chunkUnits: number;
  /** The UTF-16 units to which `append` may extend a value. */
  readonly valueUnits: number;
  /** UTF-16 units of values in the remembered results of one session, not counting the first unconfirmed one (S9). */
  readonly sessionTextUnits: number;
  /** The same bound for all sessions together. */
  readonly allTextUnits: number;
}

/** The limits that the state machine uses. They must be the same on every server, or states would differ (R5). */
export type MachineLimits = Pick<Limits, 'valueUnits' | 'sessionTextUnits' | 'allTextUnits'>;

export const DEFAULT_LIMITS: Limits = {
  pending: 4_096,
  pendingWeight: 32 * 1024 * 1024,
  pendingHashUnits: 2 * 1024 * 1024,
  pendingScans: 32,
  sessions: 100_000,
  remembered: 65_536,
  window: 8,
  prepareEntries: 1024,
  prepareWeight: 512 * 1024,
  retainedEntries: 65_536,
  retainedWeight: 32 * 1024 * 1024,
  checkpointEntries: 65_536,
  checkpointWeight: 32 * 1024 * 1024,
  checkpointStep: 2_000,
  pieceCells: 500,
  transferWeight: 512 * 1024 * 1024,
  chunkUnits: 40_000,
  valueUnits: 1024 * 1024,
  sessionTextUnits: 4 * 1024 * 1024,
  allTextUnits: 16 * 1024 * 1024,
};

/** The bound on the ratio of two clocks' rates (L1). */
export const DRIFT = 1.25;

/** How long a server may be silent before it no longer counts as alive, in milliseconds (V2, V13). */
export function silenceMs(config: ReplicaConfig): number {
  return config.deadPings * config.pingIntervalMs;
}

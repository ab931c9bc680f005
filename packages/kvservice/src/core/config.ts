/** What a replica is told at its birth; nothing of it changes. */

export interface ReplicaConfig {
  /** The address that is this server's name for everybody. */
  readonly server: string;
  /** This run of the server process, until it is told of a newer one (V11). */
  readonly incarnation: string;
  /** Shows others that a message is of this run: goes with every message, and is never shown (R3). */
  readonly secret: string;
  readonly priority: number;
  /** Writes are refused while fewer backups count (R11). */
  readonly minBackups: number;
  readonly pingIntervalMs: number;
  readonly deadPings: number;
  readonly leaseMs: number;
  readonly sessionTtlMs: number;
  /** How long a server that leaves waits at most until a server that stays holds the data (V14). */
  readonly leaveTimeoutMs: number;
  /** How many bytes this server may hold (M1). */
  readonly maxBytes: number;
  readonly limits: Limits;
}

/** Bounds of memory and of messages; weights are about bytes. */
export interface Limits {
  /** Operations that may wait for their answer. */
  readonly pending: number;
  readonly pendingWeight: number;
  /**
   * UTF-16 units that pending operations may hash: a million take one to four milliseconds, and three times as long
   * where all of them are wide.
   */
  readonly pendingHashUnits: number;
  /** Scans that may wait for a confirmation or for the primary's position: they are answered together, and each may take a millisecond. */
  readonly pendingScans: number;
  readonly sessions: number;
  /** Remembered results of one session. */
  readonly remembered: number;
  /** Prepares in flight to one backup. */
  readonly window: number;
  readonly prepareEntries: number;
  readonly prepareWeight: number;
  /** What the log keeps of applied entries for short absences (R12). */
  readonly retainedEntries: number;
  readonly retainedWeight: number;
  /** Entries, and their weight, after which what they changed goes to the disk as data, so that the log can be cut behind them. */
  readonly checkpointEntries: number;
  readonly checkpointWeight: number;
  /** The same for changes that cannot come to the disk piece by piece: deletions, and sessions. */
  readonly checkpointStep: number;
  /** Keys in one piece of a checkpoint. */
  readonly pieceCells: number;
  /** What the log may grow to for a transfer's sake; beyond it the transfer starts over. */
  readonly transferWeight: number;
  /** UTF-16 units of text in one chunk; each takes at most six bytes on the wire. */
  readonly chunkUnits: number;
  /** UTF-16 units that `append` may let a value grow to. */
  readonly valueUnits: number;
  /** UTF-16 units of values in the remembered results of one session, beside the first that is not confirmed (S9). */
  readonly sessionTextUnits: number;
  /** The same for all sessions together. */
  readonly allTextUnits: number;
}

/** What the state machine goes by: the same on every server, or their states differ (R5). */
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

/** The most that two clocks' rates may differ by, as a ratio (L1). */
export const DRIFT = 1.25;

/** How long a server counts as alive without a sign of life, in milliseconds (V2, V13). */
export function silenceMs(config: ReplicaConfig): number {
  return config.deadPings * config.pingIntervalMs;
}

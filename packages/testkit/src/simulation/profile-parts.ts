/**
 * The parts of a profile: how the cluster of a run is set up, and what its clients do. profile.ts draws one from a
 * seed.
 */
import type { Shape } from './shape.ts';

export interface MemoryProfile {
  /** The bytes that a server may hold. */
  readonly maxBytes: number;
  /** The same for the second server: a backup may have less memory than its primary. */
  readonly secondMaxBytes: number;
  /** The most characters that a value is padded to; 0 leaves values as short as possible. */
  readonly valueUnits: number;
}

export interface Profile {
  readonly shape: Shape;
  readonly servers: number;
  readonly backups: number;
  /** Servers and monitor keep their state on disk. */
  readonly hasDisk: boolean;
  readonly minBackups: number;
  readonly leaseMs: number;
  readonly sessionTtlMs: number;
  /** How much memory the servers have, and how long the values are that fill it (M1 to M4). */
  readonly memory: MemoryProfile;
  readonly limits: {
    readonly pendingWeight: number;
    /** Unless set, the servers use their own default. */
    readonly pending?: number;
    readonly pendingScans?: number;
    readonly prepareWeight?: number;
    readonly sessions: number;
    readonly retainedEntries: number;
    readonly chunkUnits: number;
    readonly prepareEntries: number;
    readonly window: number;
    readonly transferWeight: number;
    readonly checkpointEntries: number;
    readonly checkpointWeight: number;
    readonly checkpointStep: number;
    readonly pieceCells: number;
    readonly sessionTextUnits: number;
    readonly allTextUnits: number;
  };
  /** How much a client accepts at once. Unless set, the client's own default. */
  readonly clients: { readonly maxInFlight?: number; readonly maxWaiting?: number };
  /** The rate of the slowest link that a fault may make. */
  readonly leastBytesPerSecond: number;
  /** The most operations per second that all clients together begin. */
  readonly operationsPerSecond: number;
  /** The number of operations that a client has under way at once. */
  readonly lanes: number;
  /** The most operations that a client begins in one turn in each lane. */
  readonly burst: number;
  /** The number of keys in use at a time. */
  readonly keys: number;
  /** After this many operations a key is no longer used, so that histories stay short. */
  readonly operationsPerKey: number;
  /** Events this many milliseconds apart may happen in one turn of an event loop. */
  readonly turnSpanMs: number;
  /** Some servers have a higher priority for promotion (V4). */
  readonly priorities: boolean;
}

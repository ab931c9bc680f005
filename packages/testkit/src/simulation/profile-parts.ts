/** What a profile consists of: how the cluster of a run is set up, and what its clients do. `profile.ts` draws one from a seed. */
import type { Shape } from './shape.ts';

export interface MemoryProfile {
  /** Bytes that a server may hold. */
  readonly maxBytes: number;
  /** The same for the second server: a backup may have less than its primary. */
  readonly secondMaxBytes: number;
  /** Characters that a value is filled up to at most; 0: values are as short as they can be. */
  readonly valueUnits: number;
}

export interface Profile {
  readonly shape: Shape;
  readonly servers: number;
  readonly backups: number;
  /** Servers and monitor keep what they know on disk. */
  readonly hasDisk: boolean;
  readonly minBackups: number;
  readonly leaseMs: number;
  readonly sessionTtlMs: number;
  /** How much memory the servers have, and how long the values are that fill it (M1 to M4). */
  readonly memory: MemoryProfile;
  readonly limits: {
    readonly pendingWeight: number;
    /** Unless set, the servers' own. */
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
  /** What a client takes at once; unless set, as much as it does by itself. */
  readonly clients: { readonly maxInFlight?: number; readonly maxWaiting?: number };
  /** Of the narrowest link that a fault makes. */
  readonly leastBytesPerSecond: number;
  /** Operations that all clients together begin in a second, at most. */
  readonly operationsPerSecond: number;
  /** Operations that a client has under way at once. */
  readonly lanes: number;
  /** The most operations that a client begins in one turn, in each of them. */
  readonly burst: number;
  /** Keys in use at a time. */
  readonly keys: number;
  /** Operations after which a key is used no more, so that histories stay short. */
  readonly operationsPerKey: number;
  /** Events so many milliseconds apart may happen in one turn of an event loop. */
  readonly turnSpanMs: number;
  /** Some servers are preferred when a primary is needed (V4). */
  readonly priorities: boolean;
}

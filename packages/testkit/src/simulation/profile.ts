/** What a seed draws besides faults: how the cluster is set up, and what its clients do. */
import { needsDisk, type Theme } from '../faults/themes.ts';
import type { SeededRandom } from '../world/seeded-random.ts';

export interface Profile {
  readonly backups: number;
  /** Servers and monitor keep what they know on disk. */
  readonly hasDisk: boolean;
  readonly minBackups: number;
  readonly leaseMs: number;
  readonly sessionTtlMs: number;
  /** Bytes that each server may hold. */
  readonly maxMemory: number;
  readonly limits: {
    readonly pendingWeight: number;
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
  /** Some servers are preferred when a primary is needed (V4). */
  readonly priorities: boolean;
}

/** Some 290 operations: more wait only where nothing commits for many seconds, and clients ask again and again. */
const PENDING_WEIGHT = 50_000;
/** More than any run fills. */
const MEMORY_BYTES = 2 ** 28;
/** The greatest lease that the defaults of pings allow is below 400 ms (L2). */
const LEASES_MS = [200, 200, 100, 390];
/** Sessions of the built-in clients end by these, or practically never. */
const SESSION_TTLS_MS = [600_000, 600_000, 8_000, 3_000];

export interface Given {
  readonly servers: number;
  readonly backups: number | undefined;
  readonly hasDisk: boolean | undefined;
  readonly theme: Theme | undefined;
}

export function drawProfile(random: SeededRandom, { servers, backups, hasDisk, theme }: Given): Profile {
  const wanted = backups ?? (random.chance(0.7) ? 1 : 2);
  return {
    backups: wanted,
    hasDisk: hasDisk ?? (random.stream('disk').chance(0.5) || (theme !== undefined && needsDisk(theme))),
    minBackups: random.chance(0.1) ? Math.min(1, wanted, servers - 1) : 0,
    leaseMs: random.pick(LEASES_MS),
    sessionTtlMs: sessionTtlOf(random.stream('session'), theme) ?? random.pick(SESSION_TTLS_MS),
    maxMemory: MEMORY_BYTES,
    limits: {
      pendingWeight: PENDING_WEIGHT,
      retainedEntries: random.pick([1, 5, 30, 300]),
      chunkUnits: random.pick([200, 600, 4_000]),
      prepareEntries: random.pick([1, 4, 64]),
      window: random.pick([1, 3, 8]),
      transferWeight: random.pick([20_000, 200_000]),
      checkpointEntries: random.stream('checkpoint').pick([3, 30, 2_000]),
      checkpointWeight: random.stream('checkpoint weight').pick([20_000, 100_000]),
      checkpointStep: random.stream('checkpoint step').pick([2, 2_000, 2_000]),
      pieceCells: random.stream('piece').pick([1, 2, 500]),
      // Values are short here: some seeds have bounds that a few results reach.
      sessionTextUnits: random.stream('session text').pick([100_000, 100_000, 20]),
      allTextUnits: random.stream('all text').pick([1_000_000, 1_000_000, 60]),
    },
    operationsPerSecond: random.pick([8, 20, 40, 80]),
    lanes: random.integer(1, 3),
    burst: random.stream('burst').pick([1, 1, 3, 8]),
    keys: random.integer(2, 5),
    operationsPerKey: random.pick([40, 80]),
    priorities: random.chance(0.3),
  };
}

function sessionTtlOf(random: SeededRandom, theme: Theme | undefined): number | undefined {
  return theme?.sessionTtlMs === undefined ? undefined : random.integer(...theme.sessionTtlMs);
}

/** What every server of the run is told alike. */
export function serverOptionsOf({ minBackups, leaseMs, sessionTtlMs, maxMemory, limits }: Profile) {
  return { minBackups, lease: leaseMs, sessionTtl: sessionTtlMs, maxMemory, limits };
}

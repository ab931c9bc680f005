/** Draws from a seed everything except the faults: how the cluster is set up, and what its clients do. */
import { needsDisk, type Theme } from '../faults/themes.ts';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { MemoryProfile, Profile } from './profile-parts.ts';
import type { Shape } from './shape.ts';
import { needsAmpleMemory, shaped } from './shaped-profile.ts';

export type { MemoryProfile, Profile };

/** About 290 operations. More only wait if nothing commits for many seconds while clients repeat their requests. */
const PENDING_WEIGHT = 50_000;
/** More than any run opens, also in runs with little memory. */
const SESSIONS = 100_000;
/** More than any run fills. */
const AMPLE: MemoryProfile = { maxBytes: 2 ** 28, secondMaxBytes: 2 ** 28, valueUnits: 0 };
/** The share of seeds whose clients fill the memory of the servers. */
const SCARCE = 0.2;
const VALUES_UNITS = [1_024, 1_024, 4_096, 20_480];
/** The sessions and results of all clients take part of it. */
const LEAST_BYTES = 20_000;
/** The second server's share of the others' memory, if it has less. */
const LESS = [0.4, 0.6];
/** The default pings allow leases below 400 ms (L2). */
const LEASES_MS = [200, 200, 100, 390];
/** Sessions of the built-in clients end after these times, or practically never. */
const LASTING_MS = 600_000;
const SESSION_TTLS_MS = [LASTING_MS, LASTING_MS, 8_000, 3_000];

export interface Given {
  readonly shape: Shape;
  readonly servers: number | undefined;
  readonly backups: number | undefined;
  readonly clients: number;
  readonly hasDisk: boolean | undefined;
  readonly hasLittleMemory: boolean | undefined;
  readonly theme: Theme | undefined;
}

/** Used unless the caller or the shape of the run sets the number. */
const SERVERS = 3;

export function drawProfile(random: SeededRandom, given: Given): Profile {
  const { shape, clients } = given;
  const usual = drawUsual(random, needsAmpleMemory(shape) ? { ...given, hasLittleMemory: false } : given);
  return shaped(usual, random.stream(shape), clients);
}

function drawUsual(
  random: SeededRandom,
  { shape, servers = SERVERS, backups, hasDisk, hasLittleMemory, theme }: Given,
): Profile {
  const wanted = backups ?? (random.chance(0.7) ? 1 : 2);
  const memory = drawMemory(random.stream('memory'), hasLittleMemory);
  const { maxBytes, valueUnits } = memory;
  // Results with long values would fill the memory instead of the data.
  const mostText = valueUnits === 0 ? Infinity : 2 * valueUnits;
  // The table of sessions has no bound here. It may become larger than a new backup has room for, and with too few
  // backups no client may delete.
  const mayWaitForBackups = valueUnits === 0;
  return {
    shape,
    servers,
    backups: wanted,
    hasDisk: hasDisk ?? (random.stream('disk').chance(0.5) || (theme !== undefined && needsDisk(theme))),
    minBackups: random.chance(0.1) && mayWaitForBackups ? Math.min(1, wanted, servers - 1) : 0,
    leaseMs: random.pick(LEASES_MS),
    sessionTtlMs: sessionTtlOf(random.stream('session'), theme) ?? random.pick(SESSION_TTLS_MS),
    memory,
    limits: {
      pendingWeight: Math.min(PENDING_WEIGHT, maxBytes / 8),
      sessions: SESSIONS,
      retainedEntries: random.pick([1, 5, 30, 300]),
      // A transfer of long values in chunks of 200 would last longer than a run.
      chunkUnits: Math.max(random.pick([200, 600, 4_000]), valueUnits / 4),
      prepareEntries: random.pick([1, 4, 64]),
      window: random.pick([1, 3, 8]),
      transferWeight: Math.min(random.pick([20_000, 200_000]), maxBytes / 4),
      checkpointEntries: random.stream('checkpoint').pick([3, 30, 2_000]),
      checkpointWeight: Math.min(random.stream('checkpoint weight').pick([20_000, 100_000]), maxBytes / 16),
      checkpointStep: random.stream('checkpoint step').pick([2, 2_000, 2_000]),
      pieceCells: random.stream('piece').pick([1, 2, 500]),
      // Values are short here, so some seeds get bounds that a few results reach.
      sessionTextUnits: Math.min(random.stream('session text').pick([100_000, 100_000, 20]), mostText),
      allTextUnits: Math.min(random.stream('all text').pick([1_000_000, 1_000_000, 60]), 2 * mostText),
    },
    clients: {},
    leastBytesPerSecond: 0,
    operationsPerSecond: random.pick([8, 20, 40, 80]),
    lanes: random.integer(1, 3),
    burst: random.stream('burst').pick([1, 1, 3, 8]),
    keys: random.integer(2, 5),
    operationsPerKey: random.pick([40, 80]),
    turnSpanMs: random.stream('turn span').pick([0, 0, 0, 0.5, 3]),
    priorities: random.chance(0.3),
  };
}

/**
 * If the network delivers requests twice, a refused request may still be done by its second copy. A client that loses
 * its session in between repeats the refused operation in a new session. It would be done twice, and no rule promises
 * otherwise. Such runs therefore get sessions that last.
 */
export function withLastingSessions(profile: Profile): Profile {
  return { ...profile, sessionTtlMs: LASTING_MS, limits: { ...profile.limits, sessions: SESSIONS } };
}

function sessionTtlOf(random: SeededRandom, theme: Theme | undefined): number | undefined {
  return theme?.sessionTtlMs === undefined ? undefined : random.integer(...theme.sessionTtlMs);
}

function drawMemory(random: SeededRandom, isLittle: boolean | undefined): MemoryProfile {
  const isDrawn = random.chance(SCARCE);
  if (!(isLittle ?? isDrawn)) return AMPLE;
  const valueUnits = random.pick(VALUES_UNITS);
  const maxBytes = LEAST_BYTES + valueUnits * random.integer(10, 30);
  return {
    maxBytes,
    secondMaxBytes: Math.max(LEAST_BYTES, Math.floor(maxBytes * (random.chance(0.4) ? random.pick(LESS) : 1))),
    valueUnits,
  };
}

/** The options of the server at this place. All servers get the same, except for memory. */
export function serverOptionsOf({ minBackups, leaseMs, sessionTtlMs, memory, limits }: Profile, place: number) {
  const maxMemory = place === 1 ? memory.secondMaxBytes : memory.maxBytes;
  return { minBackups, lease: leaseMs, sessionTtl: sessionTtlMs, maxMemory, limits };
}

/** Applies a shape to the profile that a seed draws: see shape.ts. */
import type { SeededRandom } from '../world/seeded-random.ts';
import type { MemoryProfile, Profile } from './profile-parts.ts';
import type { Shape } from './shape.ts';

type Change = (profile: Profile, random: SeededRandom, clients: number) => Profile;

/** Operations per second of all clients. With more, a seed of this shape would take several times as long. */
const WIDE_OPERATIONS = [8, 20, 20];

/** More servers take part in each operation. */
const wide: Change = (profile, random) => {
  const backups = random.pick([3, 3, 4]);
  const mayWait = profile.memory.valueUnits === 0;
  return {
    ...profile,
    servers: random.integer(Math.max(5, backups + 1), 6),
    backups,
    minBackups: mayWait ? random.pick([0, 0, 0, 1, 2]) : 0,
    operationsPerSecond: random.pick(WIDE_OPERATIONS),
  };
};

const MIB = 2 ** 20;
/** More than the values of a run take. */
const ROOM_FOR_LARGE: MemoryProfile = { maxBytes: 2 ** 28, secondMaxBytes: 2 ** 28, valueUnits: MIB };

/** Bounds that fit values of one mebibyte, and only a few operations. */
const largeValues: Change = (profile, random) => ({
  ...profile,
  memory: ROOM_FOR_LARGE,
  minBackups: 0,
  limits: {
    ...profile.limits,
    pendingWeight: 8 * MIB,
    prepareWeight: random.pick([MIB / 16, MIB / 2]),
    chunkUnits: random.pick([20_000, 40_000, 200_000]),
    transferWeight: 16 * MIB,
    checkpointWeight: random.pick([MIB / 2, 4 * MIB]),
    sessionTextUnits: random.pick([2 * MIB, 4 * MIB]),
    allTextUnits: random.pick([4 * MIB, 16 * MIB]),
  },
  leastBytesPerSecond: 4 * MIB,
  operationsPerSecond: random.pick([3, 6]),
  burst: random.pick([1, 3]),
});

/** Each client needs a place. The rest is for plain callers, which open sessions and abandon them. */
const fewSessions: Change = (profile, random, clients) => ({
  ...profile,
  sessionTtlMs: random.pick([8_000, 30_000, 120_000]),
  limits: { ...profile.limits, sessions: clients + random.integer(3, 12) },
});

/** Clients begin many operations at once, and neither clients nor servers let many wait. */
const overload: Change = (profile, random) => ({
  ...profile,
  limits: { ...profile.limits, pending: random.integer(2, 8), pendingScans: random.integer(1, 3) },
  clients: { maxInFlight: random.integer(1, 8), maxWaiting: random.integer(1, 4) },
  lanes: 3,
  burst: random.pick([4, 8]),
});

const CHANGES: Readonly<Record<Shape, Change>> = {
  usual: (profile) => profile,
  wide,
  'large-values': largeValues,
  'few-sessions': fewSessions,
  overload,
};

/** Shapes whose effect little memory would hide. */
const WITH_AMPLE_MEMORY: readonly Shape[] = ['large-values', 'few-sessions', 'overload'];

export function needsAmpleMemory(shape: Shape): boolean {
  return WITH_AMPLE_MEMORY.includes(shape);
}

/** @param random The shape's own stream. */
export function shaped(profile: Profile, random: SeededRandom, clients: number): Profile {
  return CHANGES[profile.shape](profile, random, clients);
}

/** Selects the invariants that judge a run, with bounds that fit its profile. */
import { AtMostOnce } from '../invariants/at-most-once.ts';
import { Bounds } from '../invariants/bounds.ts';
import { CommittedAnswers } from '../invariants/committed-answers.ts';
import { CommittedIsHeld } from '../invariants/committed-is-held.ts';
import { CommittedStays } from '../invariants/committed-stays.ts';
import { DefiniteFailures } from '../invariants/definite-failures.ts';
import { Durable } from '../invariants/durable.ts';
import { GivenViews } from '../invariants/given-views.ts';
import type { Invariant } from '../invariants/invariant.ts';
import { KeptPromises } from '../invariants/kept-promises.ts';
import { LostBackups } from '../invariants/lost-backups.ts';
import { Memory } from '../invariants/memory.ts';
import { MinBackups } from '../invariants/min-backups.ts';
import { MonitorSaves } from '../invariants/monitor-saves.ts';
import { NoStaleAnswer } from '../invariants/no-stale-answer.ts';
import { OneEntry } from '../invariants/one-entry.ts';
import { OnePrimary } from '../invariants/one-primary.ts';
import { Promotion } from '../invariants/promotion.ts';
import { SequentialReads } from '../invariants/sequential-reads.ts';
import { SessionPlaces } from '../invariants/session-places.ts';
import { SessionTimes } from '../invariants/session-times.ts';
import { ViewSuccession } from '../invariants/view-succession.ts';
import type { SimulatedDisk } from '../world/simulated-disk.ts';
import { DATA_DIR } from './monitor-life.ts';
import type { Profile } from './profile.ts';

export interface InvariantParts {
  readonly profile: Profile;
  /** Every clock runs within the drift that leases allow. */
  readonly clocksAreTrue: boolean;
  /** How often a fault changed the disk of the server with this address. */
  readonly harmsOf: (server: string) => number;
  /** Virtual milliseconds. */
  readonly now: () => number;
  readonly monitorStarts: () => number;
  /** The disk of the monitor's machine. */
  readonly monitorDisk: Pick<SimulatedDisk, 'entries'>;
  /** Called for each repeated operation that another run than before answered. */
  readonly onRepeated: () => void;
  /** Called for each session that is ended to make room for another one. */
  readonly onRoomMade: () => void;
}

/** Roughly the most bytes that an entry of the built-in workload takes, without the padding of its values. */
const ENTRY_WEIGHT = 400;

/** The order matters: the invariant that records committed entries is checked first. */
export function invariantsFor({
  profile,
  clocksAreTrue,
  harmsOf,
  now,
  monitorStarts,
  monitorDisk,
  onRepeated,
  onRoomMade,
}: InvariantParts): readonly Invariant[] {
  const { sessionTtlMs: ttlMs, limits } = profile;
  const { pendingWeight, retainedEntries, transferWeight, checkpointWeight, sessionTextUnits, allTextUnits, sessions } =
    limits;
  // A compare-and-swap carries one padded value.
  const entryWeight = ENTRY_WEIGHT + 2 * profile.memory.valueUnits;
  // One session's bound applies even if it exceeds the bound for all sessions: the newest result is never dropped.
  const ofOne = profile.memory.valueUnits === 0 ? ENTRY_WEIGHT : sessionTextUnits + 2 * entryWeight;
  const rememberedText = allTextUnits + ofOne;
  // One checkpoint under way to the disk, and as many entries again since it began.
  const notOnDisk = profile.hasDisk ? 2 * checkpointWeight : 0;
  // What waits at a primary, the ends of sessions, and as much again that it found in its log when it became primary.
  const waiting = 3 * pendingWeight;
  const logWeight = Math.max(transferWeight, 2 * retainedEntries * entryWeight) + notOnDisk + waiting;
  return [
    new CommittedStays(),
    new OneEntry(),
    new CommittedIsHeld(),
    new OnePrimary(),
    new CommittedAnswers(),
    new AtMostOnce(onRepeated),
    new DefiniteFailures(),
    ...(clocksAreTrue ? [new NoStaleAnswer()] : []),
    ...(profile.hasDisk ? [new Durable(harmsOf), new MonitorSaves(() => monitorDisk.entries(DATA_DIR))] : []),
    new KeptPromises(),
    new SequentialReads(),
    new Bounds({ logWeight, rememberedText }),
    new SessionTimes(ttlMs),
    ...(profile.shape === 'few-sessions' ? [new SessionPlaces({ places: sessions, ttlMs, onRoomMade })] : []),
    ...(profile.minBackups > 0 ? [new MinBackups(profile.minBackups)] : []),
    new Memory({ pendingWeight, entryWeight }),
    new ViewSuccession(),
    new GivenViews(),
    new Promotion(),
    ...(clocksAreTrue ? [new LostBackups({ now, monitorStarts })] : []),
  ];
}

/** What will happen in a round, drawn from the seed before it begins: a few kinds of faults, each of them now and then. */
import type { SeededRandom } from '@understudy/testkit';
import type { FaultName } from './faults/catalogue.ts';

export interface Strike {
  readonly fault: FaultName;
  /** Since the beginning of the round. */
  readonly atMs: number;
  readonly durationMs: number;
}

/** These are drawn for more rounds than the others: half of the clusters cannot have the last two, and they are withheld often. */
const OFTEN: readonly FaultName[] = ['stop', 'kill', ...Array<FaultName>(5).fill('damage'), 'total-crash'];
/** Few kinds at once meet in more ways than all kinds at once. */
const MOST_KINDS = 5;
/** Mean time between two strikes. */
const PAUSE_MS = 1_800;
const MEAN_DURATION_MS = 1_800;
const SHORTEST_MS = 50;
const LONGEST_MS = 6_000;

export function drawPlan(random: SeededRandom, faults: readonly FaultName[], lengthMs: number): readonly Strike[] {
  const drawn = random.shuffle([...faults, ...OFTEN.filter((fault) => faults.includes(fault))]);
  const kinds = [...new Set(drawn)].slice(0, random.integer(1, MOST_KINDS));
  const strikes: Strike[] = [];
  if (kinds.length === 0) return strikes;
  for (let atMs = random.exponential(PAUSE_MS); atMs < lengthMs; atMs += random.exponential(PAUSE_MS)) {
    const durationMs = SHORTEST_MS + Math.min(random.exponential(MEAN_DURATION_MS), LONGEST_MS);
    strikes.push({ fault: random.pick(kinds), atMs, durationMs });
  }
  return strikes;
}

/** The cores of monitor and replicas under random schedules: any seed that fails replays exactly. */
import { Universe } from './universe.ts';

const SEEDS = Number(process.env.CORE_SEEDS ?? 300);
const FROM = Number(process.env.CORE_FROM ?? 1);

/** Seeds that have found a bug, with its name. */
const PINNED: readonly (readonly [seed: number, bug: string])[] = [];

describe('cores under random schedules', () => {
  it(`${SEEDS} seeds: linearizable, at most once, and alive again once healed`, function () {
    this.timeout(600_000);
    for (let seed = FROM; seed < FROM + SEEDS; seed++) runSeed(seed);
  });

  for (const [seed, bug] of PINNED) it(`seed ${seed}: ${bug}`, () => runSeed(seed));
});

function runSeed(seed: number): void {
  const universe = new Universe(seed);
  try {
    universe.run(6000);
  } catch (error) {
    throw new Error(
      `seed ${seed} (CORE_FROM=${seed} CORE_SEEDS=1): ${(error as Error).message}\n${universe.describe()}`,
      {
        cause: error,
      },
    );
  }
}

/** One test, played once for each of some consecutive seeds. */

/** So many seeds for each test; more for a thorough look: `LAB_RUNS=200 npx mocha test/lab/pbservice.test.ts`. */
export const RUNS = Number(process.env.LAB_RUNS ?? 3);
/** The first seed. */
export const FIRST_SEED = Number(process.env.LAB_SEED ?? 1);

const LIMIT_PER_RUN_MS = 120_000;

export function itForSeeds(title: string, runs: number, play: (seed: number) => Promise<void>): void {
  const last = FIRST_SEED + runs - 1;
  it(`${title} [${runs === 1 ? `seed ${last}` : `seeds ${FIRST_SEED} to ${last}`}]`, async function () {
    this.timeout(runs * LIMIT_PER_RUN_MS);
    this.slow(runs * 5_000);
    for (let seed = FIRST_SEED; seed <= last; seed++) await playSeed(title, seed, play);
  });
}

async function playSeed(title: string, seed: number, play: (seed: number) => Promise<void>): Promise<void> {
  try {
    await play(seed);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`seed ${seed} (LAB_SEED=${seed} LAB_RUNS=1 npx mocha test/lab -g '${title}'): ${message}`, {
      cause: error,
    });
  }
}

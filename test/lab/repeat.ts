/** One test, played once for each of some consecutive seeds. */

const { LAB_RUNS, LAB_SEED, LAB_SECOND_MS } = process.env;

/** So many seeds for each test; more for a thorough look: `LAB_RUNS=200 npx mocha test/lab/pbservice.test.ts`. */
export const RUNS = Number(LAB_RUNS ?? 2);
/** The first seed. */
export const FIRST_SEED = Number(LAB_SEED ?? 1);
/** What the lab does for a second is done for so many virtual milliseconds: in a thorough look, for a second. */
export const SECOND_MS = Number(LAB_SECOND_MS ?? (LAB_RUNS === undefined ? 250 : 1_000));

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
    const replay = `LAB_SEED=${seed} LAB_RUNS=1 LAB_SECOND_MS=${SECOND_MS} npx mocha test/lab -g '${pattern(title)}'`;
    throw new Error(`seed ${seed} (${replay}): ${message}`, { cause: error });
  }
}

/** As a regular expression that the shell leaves alone. */
function pattern(title: string): string {
  return title.replaceAll(/[()'/]/g, '.');
}

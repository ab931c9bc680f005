/** `npm run planted [-- --from SEED] [--seconds N] [--only WORDS]`: hunts every planted bug, and prints how many seeds each needed. */
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from './bugs.ts';
import { huntAll, MOST_SEEDS } from './hunter.ts';
import { type Hunted, reportOf } from './report.ts';

const HELP = `npm run planted -- [--only TEXT] [--from SEED] [--seeds N] [--seconds N]

Puts each planted bug into the product, plays seeds until one has a violation, and prints which seed that was.
  --only TEXT    only bugs with TEXT in their names
  --from SEED    the first seed; 1 unless set
  --seeds N      give a bug up after so many seeds; ${MOST_SEEDS} unless set
  --seconds N    virtual seconds of each seed
Exits with 1 where a bug was not found. The bugs are:
${PLANTED_BUGS.map(({ name }) => `  ${name}`).join('\n')}`;

const text = { type: 'string' } as const;
const { from, seeds, seconds, only, help } = parseArgs({
  options: { from: text, seeds: text, seconds: text, only: text, help: { type: 'boolean', short: 'h' } },
}).values;
if (help === true) {
  console.log(HELP);
  process.exit();
}

const bugs = PLANTED_BUGS.filter(({ name }) => name.includes(only ?? ''));
const hunts = huntAll(bugs, {
  from: Number(from ?? 1),
  seeds: Number(seeds ?? MOST_SEEDS),
  ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
});
const hunted: Hunted = await Promise.all(
  bugs.map(async (bug) => {
    const hunt = await (hunts.get(bug) ?? Promise.reject(new Error(bug.name)));
    console.error(
      `${bug.name}: ${hunt.found === null ? 'not found' : `seed ${hunt.found.seed}: ${hunt.found.violation.message}`}`,
    );
    return [bug, hunt] as const;
  }),
);
console.log(`\n${reportOf(hunted)}`);
if (hunted.some(([, { found }]) => found === null)) process.exitCode = 1;

/** `npm run planted [-- --from SEED] [--seconds N] [--only WORDS]`: hunts every planted bug, and prints how many seeds each needed. */
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from './bugs.ts';
import { huntAll, MOST_SEEDS } from './hunter.ts';
import { type Hunted, reportOf } from './report.ts';

const text = { type: 'string' } as const;
const { from, seeds, seconds, only } = parseArgs({
  options: { from: text, seeds: text, seconds: text, only: text },
}).values;

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

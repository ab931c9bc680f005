/**
 * A process of its own that simulates seed after seed until something is found, and prints what that is as one line of JSON.
 * Arguments: the first seed, seeds at most, virtual seconds, and the faults with commas between them (none: as the seed
 * draws them).
 */
import { type FaultClass, simulate } from '@understudy/testkit';
import type { Hunt } from './hunter.ts';

const [from = 1, limit = 1, seconds = 60] = process.argv.slice(2, 5).map(Number);
const faults = process.argv[5] === undefined ? ('all' as const) : (process.argv[5].split(',') as FaultClass[]);
const since = performance.now();

async function hunt(): Promise<Hunt> {
  for (let seeds = 1; seeds <= limit; seeds++) {
    const seed = from + seeds - 1;
    const [violation] = (await simulate({ seed, seconds, faults })).violations;
    if (violation !== undefined) return { found: { seed, violation }, seeds, ms: performance.now() - since };
  }
  return { found: null, seeds: limit, ms: performance.now() - since };
}

console.log(JSON.stringify(await hunt()));

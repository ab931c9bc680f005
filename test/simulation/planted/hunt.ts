/**
 * A process of its own that simulates seed after seed until something is found, and prints what that is as one line of JSON.
 * Arguments: the first seed, seeds at most, virtual seconds, the faults with commas between them, and the shape of all
 * runs ("" for either: as the seed draws it).
 */
import { type FaultClass, type Shape, simulate } from '@understudy/testkit';
import type { Hunt } from './hunter.ts';

const [from = 1, limit = 1, seconds = 60] = process.argv.slice(2, 5).map(Number);
const [list = '', shape = ''] = process.argv.slice(5);
const faults = list === '' ? ('all' as const) : (list.split(',') as FaultClass[]);
const shaped = shape === '' ? {} : { shape: shape as Shape };
const since = performance.now();

async function hunt(): Promise<Hunt> {
  for (let seeds = 1; seeds <= limit; seeds++) {
    const seed = from + seeds - 1;
    const [violation] = (await simulate({ seed, seconds, faults, ...shaped })).violations;
    if (violation !== undefined) return { found: { seed, violation }, seeds, ms: performance.now() - since };
  }
  return { found: null, seeds: limit, ms: performance.now() - since };
}

console.log(JSON.stringify(await hunt()));

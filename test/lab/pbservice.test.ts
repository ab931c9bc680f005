/** The lab's tests of the primary/backup service (6.824, lab 2, 2013 to 2015) in virtual time, for seed after seed. */
import { expect } from 'chai';
import { CATALOGUE, describeVariant, type LabTest, SUITES, type Variant } from './catalogue.ts';
import { itForSeeds, RUNS, SECOND_MS } from './repeat.ts';
import { playInVirtualTime } from './simulated-stage.ts';

/** What a server keeps, and what it sends at once, where it is to send snapshots. */
const SHORT_LOGS = { retainedEntries: 1, chunkUnits: 400 };

/** Without these the tests would have shown less than they say. */
const MUST_HAPPEN = [
  'duplicatesAnswered',
  'suffixesCut',
  'catchUpsByEntries',
  'transfersStarted',
  'readsUnderLease',
  'readsConfirmed',
  'staleViewsRefused',
];

const happened = new Map<string, number>();

for (const suite of SUITES) {
  describe(`${suite}, in virtual time`, () => {
    for (const test of CATALOGUE.filter((other) => other.suite === suite)) {
      for (const variant of test.variants) {
        itForSeeds(`${test.title} (${describeVariant(variant)})`, RUNS, (seed) => playSeed(test, variant, seed));
      }
    }
  });
}

describe('All tests of the lab together, in virtual time', () => {
  for (const what of MUST_HAPPEN) {
    it(`have seen ${what}`, () => expect(happened.get(what)).to.be.greaterThan(0));
  }
});

async function playSeed(test: LabTest, { backups, unreliable, snapshots }: Variant, seed: number): Promise<void> {
  const limits = snapshots === true ? SHORT_LOGS : {};
  const counters = await playInVirtualTime({ seed, backups, limits }, (stage) =>
    test.play(stage, { backups, unreliable, secondMs: SECOND_MS, share: 1 }),
  );
  for (const [what, count] of Object.entries(counters)) happened.set(what, (happened.get(what) ?? 0) + count);
}

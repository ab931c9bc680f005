/** The lab's tests of the primary/backup service (6.824, lab 2, 2013 to 2015) in virtual time, for seed after seed. */
import { CATALOGUE, describeVariant, SUITES } from './catalogue.ts';
import { itForSeeds, RUNS, SECOND_MS } from './repeat.ts';
import { playInVirtualTime } from './simulated-stage.ts';

for (const suite of SUITES) {
  describe(`${suite}, in virtual time`, () => {
    for (const test of CATALOGUE.filter((other) => other.suite === suite)) {
      for (const variant of test.variants) {
        const { backups, unreliable } = variant;
        itForSeeds(`${test.title} (${describeVariant(variant)})`, RUNS, (seed) =>
          playInVirtualTime({ seed, backups }, (stage) =>
            test.play(stage, { backups, unreliable, secondMs: SECOND_MS, share: 1 }),
          ),
        );
      }
    }
  });
}

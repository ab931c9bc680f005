/** The lab's tests of the primary/backup service (6.824, lab 2, 2013 to 2015) in virtual time, for seed after seed. */
import { CATALOGUE, describeVariant } from './catalogue.ts';
import { itForSeeds, RUNS } from './repeat.ts';
import { playInVirtualTime } from './simulated-stage.ts';

for (const { suite, title, play, variants } of CATALOGUE) {
  describe(`${suite}, in virtual time`, () => {
    for (const { backups, ...variant } of variants) {
      itForSeeds(`${title} (${describeVariant({ backups, ...variant })})`, RUNS, (seed) =>
        playInVirtualTime({ seed, backups }, (stage) =>
          play(stage, { backups, unreliable: variant.unreliable, secondMs: 1_000, share: 1 }),
        ),
      );
    }
  });
}

/** The lab's tests of the primary/backup service (6.824, lab 2, 2013 to 2015) over real sockets, once, with shorter runs. */
import { CATALOGUE, describeVariant, SUITES } from './catalogue.ts';
import { playOverSockets } from './real-stage.ts';

/** What the lab does for a second is done for so many milliseconds. */
const SECOND_MS = 150;
/** Of the operations that the lab counts, such a part is done. */
const SHARE = 0.4;

for (const suite of SUITES) {
  describe(`${suite}, over real sockets`, () => {
    for (const test of CATALOGUE.filter((other) => other.suite === suite)) {
      for (const variant of test.variants.filter(({ real }) => real === true)) {
        const { backups, unreliable } = variant;
        it(`${test.title} (${describeVariant(variant)})`, async function () {
          this.timeout(60_000);
          this.slow(10_000);
          await playOverSockets({ backups }, (stage) =>
            test.play(stage, { backups, unreliable, secondMs: SECOND_MS, share: SHARE }),
          );
        });
      }
    }
  });
}

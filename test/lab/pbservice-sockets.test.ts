/** The lab's tests of the primary/backup service (6.824, lab 2, 2013 to 2015) over real sockets, once, with shorter runs. */
import { CATALOGUE, describeVariant } from './catalogue.ts';
import { playOverSockets } from './real-stage.ts';

/** What the lab does for a second is done for so many milliseconds. */
const SECOND_MS = 150;
/** Of the operations that the lab counts, such a part is done. */
const SHARE = 0.4;

for (const { suite, title, play, variants } of CATALOGUE) {
  describe(`${suite}, over real sockets`, () => {
    for (const { backups, real, unreliable } of variants) {
      if (real !== true) continue;
      it(`${title} (${describeVariant({ backups, ...(unreliable === undefined ? {} : { unreliable }) })})`, async function () {
        this.timeout(60_000);
        this.slow(10_000);
        await playOverSockets({ backups }, (stage) =>
          play(stage, { backups, unreliable, secondMs: SECOND_MS, share: SHARE }),
        );
      });
    }
  });
}

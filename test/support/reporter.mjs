// Mocha's spec reporter with a last line that a program can read: `N passed, N failed, N skipped`. A test that timed out may
// have left something open, which would keep the run from ending: that is named, and ends it as a failure.
import Mocha from 'mocha';

/** What closes by itself has closed by then. */
const GRACE_MS = 10_000;

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
      setTimeout(endByForce, GRACE_MS).unref();
    });
  }
}

function endByForce() {
  console.error(`the tests left something open: ${process.getActiveResourcesInfo().join(', ')}`);
  // Mocha sets the code at the exit too, by what failed; this listener comes after its own.
  process.on('exit', () => process.reallyExit(1));
  process.exit(1);
}

/**
 * A process of the measurement: plays every Nth seed of a batch, prints a dot for each, and ends, so that V8 writes its
 * counters.
 */
import { simulate } from '@understudy/testkit';

const [first = 1, end = 1, step = 1] = process.argv.slice(2).map(Number);
for (let seed = first; seed < end; seed += step) {
  const { violations } = await simulate({ seed });
  if (violations.length > 0) throw new Error(`seed ${seed}: ${violations[0]?.message}`);
  process.stdout.write('.');
}

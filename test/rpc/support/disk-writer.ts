/**
 * A process that writes to the stores in some directories, in turn, until it is killed or a write fails: batch after batch, several
 * under way. Prints `open`, then the number of each batch when its write resolved; or the name of the failure.
 */
import { writeSync } from 'node:fs';
import { LevelDisk, type Store, UnderstudyError } from '@understudy/rpc';
import { batchOf } from './batches.ts';

const UNDER_WAY = 4;

const [first = '0', ...directories] = process.argv.slice(2);

try {
  const disk = new LevelDisk();
  const stores = await Promise.all(directories.map((directory) => disk.open(directory)));
  say('open');
  let number = Number(first);
  await Promise.all(Array.from({ length: UNDER_WAY }, () => writeOn(stores, () => number++)));
} catch (error) {
  if (!(error instanceof UnderstudyError)) throw error;
  say(`${error.name} ${error.message}`);
}

async function writeOn(stores: readonly Store[], next: () => number): Promise<never> {
  for (;;) {
    const number = next();
    await stores[number % stores.length]?.write(batchOf(number));
    say(String(number));
  }
}

/** At once, so that nothing said is lost with the process. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

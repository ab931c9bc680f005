/** Damages a data directory as disks, file systems and people do. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SeededRandom } from '@understudy/testkit';

/** Files that hold data; LOG and LOCK do not. */
const DATA_FILES = /^(\d+\.(log|ldb)|MANIFEST-\d+|CURRENT)$/;
const MOST_FLIPPED_BITS = 8;
export const FOREIGN_FILE = 'notes.txt';

export type Damage = 'flipped-bits' | 'cut-log' | 'removed-file' | 'removed-directory' | 'foreign-file' | 'older-copy';

/** What is told of it. `olderCopy` is where one lies. */
export function damage(kind: Damage, directory: string, random: SeededRandom, olderCopy: string | undefined): string {
  switch (kind) {
    case 'flipped-bits':
      return flipBits(directory, random);
    case 'cut-log':
      return cutNewestLog(directory);
    case 'removed-file': {
      const file = random.pick(dataFilesIn(directory));
      rmSync(join(directory, file));
      return `${file} removed`;
    }
    case 'removed-directory':
      rmSync(directory, { recursive: true });
      return 'directory removed';
    case 'foreign-file':
      writeFileSync(join(directory, FOREIGN_FILE), 'not part of a store\n');
      return 'a foreign file added';
    case 'older-copy':
      if (olderCopy === undefined || !existsSync(olderCopy)) throw new Error('there is no older copy');
      rmSync(directory, { recursive: true });
      cpSync(olderCopy, directory, { recursive: true });
      return 'replaced by an older copy';
  }
}

function flipBits(directory: string, random: SeededRandom): string {
  const files = dataFilesIn(directory).filter((file) => statSync(join(directory, file)).size > 0);
  const file = random.pick(files);
  const bytes = readFileSync(join(directory, file));
  const count = random.integer(1, MOST_FLIPPED_BITS);
  for (let flipped = 0; flipped < count; flipped += 1) {
    const at = random.integer(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
  }
  writeFileSync(join(directory, file), bytes);
  return `${count} bits flipped in ${file}`;
}

/** A disk that lied about a sync: the last half of what it took is not there. */
function cutNewestLog(directory: string): string {
  const logs = dataFilesIn(directory).filter((file) => file.endsWith('.log'));
  const newest = logs.sort().at(-1);
  if (newest === undefined) return 'there was no log to cut';
  const file = join(directory, newest);
  const { size } = statSync(file);
  truncateSync(file, Math.floor(size / 2));
  return `${newest} cut from ${size} to ${Math.floor(size / 2)} bytes`;
}

function dataFilesIn(directory: string): string[] {
  return readdirSync(directory).filter((file) => DATA_FILES.test(file));
}

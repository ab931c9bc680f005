/**
 * The mark of a data directory: a file that names the kind of store, so that no other directory is ever taken for one.
 */
import { copyFile, link, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { StoreKind } from './disk.ts';
import { ignoreAbsence, syncDirectory } from './store-directory.ts';

export const MARK = 'UNDERSTUDY';
const UNFINISHED = `${MARK}.new`;
/** The most bytes in a mark. A larger file with this name does not belong to a store. */
const MOST = 100;

/** Reads the mark; undefined if there is none that can be read. */
export async function markOf(directory: string): Promise<string | undefined> {
  const path = join(directory, MARK);
  const found = await stat(path).catch(ignoreAbsence);
  if (found === undefined || !found.isFile() || found.size > MOST) return undefined;
  return /^understudy ([a-z]+)\n$/.exec(await readFile(path, 'utf8'))?.[1];
}

/**
 * Whether a foreign file, directory or link has the name of the mark, or the name that a mark has until it is complete.
 */
export async function hasForeignMark(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { withFileTypes: true });
  // A mark gets its final name when it is complete.
  if (entries.some(({ name }) => name === MARK)) return (await markOf(directory)) === undefined;
  const unfinished = entries.find(({ name }) => name === UNFINISHED);
  if (unfinished === undefined) return false;
  if (!unfinished.isFile()) return true;
  const written = await readFile(join(directory, UNFINISHED), 'utf8');
  return !'understudy '.startsWith(written) && !/^understudy [a-z]*\n?$/.test(written);
}

/** Writes the mark. It is on stable storage before anything else is written. */
export async function mark(directory: string, { name }: StoreKind): Promise<void> {
  const handle = await open(join(directory, UNFINISHED), 'w', 0o600);
  try {
    await handle.writeFile(`understudy ${name}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(join(directory, UNFINISHED), join(directory, MARK));
  await syncDirectory(directory);
}

/**
 * Calls `look` with a temporary copy of a directory beside it. Opening a LevelDB database changes it, and a directory
 * that may not be a store must not be changed. Tables are linked instead of copied, because LevelDB never changes them.
 */
export async function withCopy<T>(directory: string, look: (copy: string) => Promise<T>): Promise<T> {
  const copy = await mkdtemp(`${resolve(directory)}.copy-`);
  try {
    for (const name of await readdir(directory)) {
      const [from, to] = [join(directory, name), join(copy, name)];
      if (!(await stat(from)).isFile()) continue;
      if (/\.(ldb|sst)$/.test(name)) await link(from, to).catch(() => copyFile(from, to));
      else await copyFile(from, to);
    }
    return await look(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

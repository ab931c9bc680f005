/** The mark of a data directory: a file that says what kind of store this is, so that nothing else is ever taken for one. */
import { copyFile, link, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { StoreKind } from './disk.ts';
import { ignoreAbsence, syncDirectory } from './store-directory.ts';

export const MARK = 'UNDERSTUDY';
const UNFINISHED = `${MARK}.new`;
/** Bytes; a larger file by this name is somebody else's. */
const MOST = 100;

/** What the mark says; undefined: there is none that could be read. */
export async function markOf(directory: string): Promise<string | undefined> {
  const path = join(directory, MARK);
  const found = await stat(path).catch(ignoreAbsence);
  if (found === undefined || !found.isFile() || found.size > MOST) return undefined;
  return /^understudy ([a-z]+)\n$/.exec(await readFile(path, 'utf8'))?.[1];
}

/**
 * Whether somebody else's file, directory or link has the name of the mark, or the one that a mark has until it is
 * whole.
 */
export async function hasForeignMark(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { withFileTypes: true });
  // A mark gets its name when it is whole.
  if (entries.some(({ name }) => name === MARK)) return (await markOf(directory)) === undefined;
  const unfinished = entries.find(({ name }) => name === UNFINISHED);
  if (unfinished === undefined) return false;
  if (!unfinished.isFile()) return true;
  const written = await readFile(join(directory, UNFINISHED), 'utf8');
  return !'understudy '.startsWith(written) && !/^understudy [a-z]*\n?$/.test(written);
}

/** It is on stable storage before anything else is written. */
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
 * Calls `look` with a copy of a directory, which is beside it and goes away again. To open a LevelDB database changes it, and what may be
 * somebody else's must not be changed. Tables are linked, for LevelDB never changes one.
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

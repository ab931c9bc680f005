/** A directory that holds a store, or is to: what is in it now, how it comes to be, how it gets out of the way. */
import { chmod, lstat, mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** `absent`: there is no such directory. `file`: it is none. `empty`: nothing was ever stored in it. `foreign`: what is in it is no store. */
export type Content = 'absent' | 'file' | 'empty' | 'store' | 'foreign';

/** What a store leaves that was killed while it was made, and what an empty file system comes with. */
const OF_NO_VALUE = /^(UNDERSTUDY|UNDERSTUDY\.new|LOCK|LOG|LOG\.old|MANIFEST-000001|000001\.dbtmp|lost\+found)$/;

/** Data is its user's alone. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Touches nothing. Fails with what the file system says. */
export async function contentOf(directory: string): Promise<Content> {
  const found = await stat(directory).catch(ignoreAbsence);
  if (found === undefined) return 'absent';
  if (!found.isDirectory()) return 'file';
  const names = await readdir(directory);
  if (names.includes('CURRENT')) return (await isPointer(join(directory, 'CURRENT'))) ? 'store' : 'foreign';
  return names.every((name) => OF_NO_VALUE.test(name)) ? 'empty' : 'foreign';
}

/**
 * Makes a directory, and its parents, so that a power loss does not take them away again. Step by step: Node's `recursive` never ends where a
 * file system takes no directory (/proc), and reports a read-only one as a directory that is missing.
 */
export async function makeDirectory(directory: string): Promise<void> {
  const missing: string[] = [];
  for (let path = resolve(directory); (await stat(path).catch(ignoreAbsence)) === undefined; path = dirname(path)) {
    missing.unshift(path);
  }
  for (const path of missing) {
    await mkdir(path, DIRECTORY_MODE).catch(ignoreExistence);
    await syncDirectory(dirname(path));
  }
}

/** Takes rights of other users away. What belongs to another user, such as a volume that was mounted with its rights, is left as it is. */
export async function restrict(directory: string): Promise<void> {
  await restrictOne(directory, DIRECTORY_MODE);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isFile()) await restrictOne(join(directory, entry.name), FILE_MODE);
  }
}

async function restrictOne(path: string, mode: number): Promise<void> {
  // LevelDB of another process may delete a file of a store that is in use.
  const found = await stat(path).catch(ignoreAbsence);
  if (found === undefined || process.getuid?.() !== found.uid || (found.mode & 0o077) === 0) return;
  await chmod(path, mode).catch(ignoreAbsence);
}

/** Renames to the first of `<directory>.damaged-1`, `-2`, ... that is free, and gives that name. */
export async function moveAway(directory: string): Promise<string> {
  for (let number = 1; ; number++) {
    const target = `${resolve(directory)}.damaged-${number}`;
    // A dangling link takes its name too.
    if ((await lstat(target).catch(ignoreAbsence)) !== undefined) continue;
    await rename(directory, target);
    await syncDirectory(dirname(target));
    return target;
  }
}

/** Whether `moveAway` gave a directory another name that is still there. */
export async function wasMovedAway(directory: string): Promise<boolean> {
  const path = resolve(directory);
  const start = `${basename(path)}.damaged-`;
  const names = (await readdir(dirname(path)).catch(ignoreAbsence)) ?? [];
  return names.some((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)));
}

/** New and changed names in a directory are on stable storage. */
export async function syncDirectory(directory: string): Promise<void> {
  // There a directory cannot be opened, and its names are written through.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** LevelDB's file CURRENT names its manifest. */
async function isPointer(path: string): Promise<boolean> {
  const { size } = await stat(path);
  return size < 100 && /^MANIFEST-\d+\n$/.test(await readFile(path, 'utf8'));
}

/** Another process made it meanwhile. */
function ignoreExistence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error;
}

export function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** The directory of a store: what it contains, how it is created, and how it is moved aside. */
import { chmod, lstat, mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * `absent`: there is no such path. `file`: it is not a directory. `empty`: nothing was ever stored in it. `foreign`: it
 * contains something other than a store.
 */
export type Content = 'absent' | 'file' | 'empty' | 'store' | 'foreign';

/** The files of a store that was killed while it was created, and those that an empty file system contains. */
const OF_NO_VALUE = /^(UNDERSTUDY|UNDERSTUDY\.new|LOCK|LOG|LOG\.old|MANIFEST-000001|000001\.dbtmp|lost\+found)$/;

/** Only the user of the process may access the data. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Inspects a directory and changes nothing. Fails with the error of the file system. */
export async function contentOf(directory: string): Promise<Content> {
  const found = await stat(directory).catch(ignoreAbsence);
  if (found === undefined) return 'absent';
  if (!found.isDirectory()) return 'file';
  const names = await readdir(directory);
  if (names.includes('CURRENT')) return (await isPointer(join(directory, 'CURRENT'))) ? 'store' : 'foreign';
  return names.every((name) => OF_NO_VALUE.test(name)) ? 'empty' : 'foreign';
}

/**
 * Creates a directory and its parents so that they survive a power loss. It creates them step by step: Node's
 * `recursive` never ends where a file system accepts no directory (/proc), and reports a read-only file system as a
 * missing directory.
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

/**
 * Removes the rights of other users. Files of another user, such as a mounted volume with its own rights, are left
 * unchanged.
 */
export async function restrict(directory: string): Promise<void> {
  await restrictOne(directory, DIRECTORY_MODE);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isFile()) await restrictOne(join(directory, entry.name), FILE_MODE);
  }
}

async function restrictOne(path: string, mode: number): Promise<void> {
  // Another process that uses the store may delete a file of it.
  const found = await stat(path).catch(ignoreAbsence);
  if (found === undefined || process.getuid?.() !== found.uid || (found.mode & 0o077) === 0) return;
  await chmod(path, mode).catch(ignoreAbsence);
}

/** Renames the directory to the first free name of `<directory>.damaged-1`, `-2`, ..., and returns that name. */
export async function moveAway(directory: string): Promise<string> {
  for (let number = 1; ; number++) {
    const target = `${resolve(directory)}.damaged-${number}`;
    // A dangling link occupies its name too.
    if ((await lstat(target).catch(ignoreAbsence)) !== undefined) continue;
    await rename(directory, target);
    await syncDirectory(dirname(target));
    return target;
  }
}

/** Whether a directory that `moveAway` renamed still exists. */
export async function wasMovedAway(directory: string): Promise<boolean> {
  const path = resolve(directory);
  const start = `${basename(path)}.damaged-`;
  const names = (await readdir(dirname(path)).catch(ignoreAbsence)) ?? [];
  return names.some((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)));
}

/** Makes new and changed names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a directory, and writes its names through.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Checks LevelDB's file CURRENT, which names its manifest. */
async function isPointer(path: string): Promise<boolean> {
  const { size } = await stat(path);
  return size < 100 && /^MANIFEST-\d+\n$/.test(await readFile(path, 'utf8'));
}

/** Another process created it meanwhile. */
function ignoreExistence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error;
}

export function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

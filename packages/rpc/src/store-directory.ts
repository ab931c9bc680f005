/** A directory that holds a store, or is to: what is in it now, how it comes to be, how it gets out of the way. */
import { lstat, mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** `absent`: there is no such directory. `file`: it is none. `empty`: nothing was ever stored in it. `foreign`: what is in it is no store. */
export type Content = 'absent' | 'file' | 'empty' | 'store' | 'foreign';

/** What a store leaves that was killed while it was made, and what an empty file system comes with. */
const OF_NO_VALUE = /^(LOCK|LOG|LOG\.old|MANIFEST-000001|000001\.dbtmp|lost\+found)$/;

/** Touches nothing. Fails with what the file system says. */
export async function contentOf(directory: string): Promise<Content> {
  const found = await stat(directory).catch(ignoreAbsence);
  if (found === undefined) return 'absent';
  if (!found.isDirectory()) return 'file';
  const names = await readdir(directory);
  if (names.includes('CURRENT')) return (await isPointer(join(directory, 'CURRENT'))) ? 'store' : 'foreign';
  return names.every((name) => OF_NO_VALUE.test(name)) ? 'empty' : 'foreign';
}

/** Makes a directory, and its parents, so that a power loss does not take them away again. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let path = resolve(directory); path !== top; path = dirname(path)) await syncDirectory(dirname(path));
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

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** The real disk: each store a LevelDB database, which one process at a time can open. */
import { resolve } from 'node:path';
import type { ClassicLevel, DatabaseOptions } from 'classic-level';
import type { Disk, Store } from './disk.ts';
import { LevelStore } from './level-store.ts';
import { contentOf, makeDirectory, moveAway } from './store-directory.ts';
import { damaged, failed, immovable, inUse, isLocked, openingFailure } from './store-failure.ts';
import { findLogDamage } from './write-ahead-log.ts';

/** How much LevelDB gathers in its log and in memory before it sorts it into a table; up to twice as much is in memory. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;

export class LevelDisk implements Disk {
  /**
   * Directories that are open. LevelDB's lock is the operating system's, which a process loses when it opens the file a second
   * time; so that must not come to pass.
   */
  readonly #open = new Set<string>();

  async open(directory: string): Promise<Store> {
    const path = resolve(directory);
    if (this.#open.has(path)) throw inUse(directory);
    this.#open.add(path);
    try {
      const database = await openDatabase(directory);
      return new LevelStore(database, directory, () => this.#open.delete(path));
    } catch (error) {
      this.#open.delete(path);
      throw openingFailure(directory, error);
    }
  }

  async setAside(directory: string, why = ''): Promise<string> {
    if (this.#open.has(resolve(directory))) throw inUse(directory);
    try {
      const content = await contentOf(directory);
      if (content === 'absent' || content === 'empty') return '';
      if (content === 'store' && (await isInUse(directory))) throw inUse(directory);
      return await moveAway(directory).catch((error) => Promise.reject(immovable(directory, why, error)));
    } catch (error) {
      throw openingFailure(directory, error);
    }
  }
}

async function openDatabase(directory: string): Promise<ClassicLevel> {
  const content = await contentOf(directory);
  // A slip of the keyboard: nothing that a store has left, and nothing to move out of the way.
  if (content === 'file') throw failed(directory, new Error('it is a file'));
  if (content === 'foreign') throw damaged(directory, 'there is something else');
  if (content === 'store') await refuseDamagedLog(directory);
  if (content === 'absent') await makeDirectory(directory);
  return openLevel(directory, { writeBufferSize: WRITE_BUFFER_BYTES });
}

/** LevelDB would leave out what it cannot read, and the next to open it would find nothing wrong. */
async function refuseDamagedLog(directory: string): Promise<void> {
  const damage = await findLogDamage(directory);
  if (damage !== '') throw (await isInUse(directory)) ? inUse(directory) : damaged(directory, damage);
}

/** LevelDB takes its lock before it finds that the store is there, which it was told not to expect; then it lets go. */
async function isInUse(directory: string): Promise<boolean> {
  try {
    const database = await openLevel(directory, { createIfMissing: false, errorIfExists: true });
    await database.close();
  } catch (error) {
    return isLocked(error);
  }
  throw failed(directory, new Error('it vanished'));
}

/** LevelDB is loaded when it is needed: most who have a world store nothing. */
async function openLevel(directory: string, options: DatabaseOptions<string, string>): Promise<ClassicLevel> {
  const { ClassicLevel: Database } = await import('classic-level');
  const database = new Database(directory, options);
  await database.open();
  return database;
}

/**
 * The real disk: each store is a LevelDB database, which one process at a time can open.
 *
 * A directory is marked with the kind of its store. One that contains anything else is refused and left unchanged, and
 * damage is reported instead of being skipped silently, as LevelDB would do.
 */
import { resolve } from 'node:path';
import type { ClassicLevel, DatabaseOptions } from 'classic-level';
import type { Disk, Store, StoreKind } from './disk.ts';
import { LevelStore } from './level-store.ts';
import { mostOpenFiles } from './open-files.ts';
import { unseal } from './sealed.ts';
import { contentOf, makeDirectory, moveAway, restrict, wasMovedAway } from './store-directory.ts';
import { damaged, failed, foreign, immovable, inUse, isLocked, openingFailure } from './store-failure.ts';
import { hasForeignMark, mark, markOf, withCopy } from './store-mark.ts';
import { findLogDamage } from './write-ahead-log.ts';

/**
 * How much LevelDB collects in its log and in memory before it writes a sorted table. Up to twice as much is in memory.
 */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;
/**
 * The most tables that LevelDB keeps open, if the process may have many files open. Connections need some files too.
 */
const MOST_OPEN_FILES = 1_000;
const ANY: StoreKind = { name: 'store' };

export class LevelDisk implements Disk {
  /**
   * The open directories. LevelDB's lock is a lock of the operating system, which a process loses when it opens the
   * file a second time. So this class prevents a second opening.
   */
  readonly #open = new Set<string>();

  async open(directory: string, kind: StoreKind = ANY): Promise<Store> {
    const path = resolve(directory);
    if (this.#open.has(path)) throw inUse(directory);
    this.#open.add(path);
    try {
      const database = await openDatabase(directory, kind);
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
      if ((await markOf(directory)) === undefined) throw foreign(directory, 'holds no store');
      if (content === 'store' && (await isInUse(directory))) throw inUse(directory);
      return await moveAway(directory).catch((error) => Promise.reject(immovable(directory, why, error)));
    } catch (error) {
      throw openingFailure(directory, error);
    }
  }

  async hasSetAside(directory: string): Promise<boolean> {
    try {
      return await wasMovedAway(directory);
    } catch (error) {
      throw openingFailure(directory, error);
    }
  }
}

async function openDatabase(directory: string, kind: StoreKind): Promise<ClassicLevel> {
  const content = await contentOf(directory);
  // Probably a typing error: not something a store left, and nothing to move aside.
  if (content === 'file') throw failed(directory, new Error('it is a file'));
  if (content === 'absent') await makeDirectory(directory);
  const marked = await markOf(directory);
  if (marked !== undefined && marked !== kind.name) throw foreign(directory, `holds the data of a ${marked}`);
  if (marked === undefined) {
    const isOurs =
      content === 'absent' ||
      (content === 'empty' && !(await hasForeignMark(directory))) ||
      (content === 'store' && (await hasRecord(directory, kind)));
    if (!isOurs) throw foreign(directory, `holds something else than the data of a ${kind.name}`);
    await mark(directory, kind);
  }
  if (content === 'foreign') throw damaged(directory, 'files of it are missing');
  if (content === 'store') await refuseDamagedLog(directory);
  await restrict(directory);
  return openLevel(directory, {
    writeBufferSize: WRITE_BUFFER_BYTES,
    maxOpenFiles: Math.min(MOST_OPEN_FILES, Math.floor(mostOpenFiles() / 4)),
  });
}

/**
 * Whether it is an unmarked store of this kind, from before directories were marked. What cannot be read does not count
 * as one.
 */
async function hasRecord(directory: string, { record }: StoreKind): Promise<boolean> {
  return record !== undefined && withCopy(directory, (copy) => holds(copy, record).catch(() => false));
}

/** Rejects if there is no such record. */
async function holds(directory: string, key: string): Promise<true> {
  const database = await openLevel(directory, { createIfMissing: false });
  try {
    unseal([key, (await database.get(key)) ?? '']);
    return true;
  } finally {
    await database.close();
  }
}

/** Refuses a damaged log. LevelDB would skip what it cannot read, and after that nothing would show the damage. */
async function refuseDamagedLog(directory: string): Promise<void> {
  const damage = await findLogDamage(directory);
  if (damage !== '') throw (await isInUse(directory)) ? inUse(directory) : damaged(directory, damage);
}

/**
 * Whether another process has the store open. With `errorIfExists`, LevelDB takes its lock, then finds that the store
 * exists, and releases the lock. So nothing is changed, and only a held lock gives the error that `isLocked`
 * recognizes.
 */
async function isInUse(directory: string): Promise<boolean> {
  try {
    const database = await openLevel(directory, { createIfMissing: false, errorIfExists: true });
    await database.close();
  } catch (error) {
    return isLocked(error);
  }
  throw failed(directory, new Error('it vanished'));
}

/** Loads LevelDB on first use, because most processes with a World store nothing. */
async function openLevel(directory: string, options: DatabaseOptions<string, string>): Promise<ClassicLevel> {
  const { ClassicLevel: Database } = await import('classic-level');
  const database = new Database(directory, options);
  await database.open();
  return database;
}

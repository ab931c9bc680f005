/**
 * One open store of the real disk: a LevelDB database. Writes are combined and synced (group commit). After a failed
 * write every later one fails too, because the content of the disk is then unknown.
 */
import type { ClassicLevel } from 'classic-level';
import type { Change, KeyRange, Store, StoredEntry } from './disk.ts';
import type { UnderstudyError } from './failure.ts';
import { closed, failed, failedBefore, readingFailure } from './store-failure.ts';

interface Write {
  readonly changes: readonly Change[];
  readonly resolve: () => void;
  readonly reject: (error: UnderstudyError) => void;
}

/**
 * Writes that wait for the one in progress are written together, as one batch with one sync, up to this many changes.
 */
const MOST_CHANGES_TOGETHER = 4_096;

/** A portion of a read ends at whichever comes first. */
const PORTION_ENTRIES = 1_000;
const PORTION_BYTES = 256 * 1024;

export class LevelStore implements Store {
  readonly #database: ClassicLevel;
  readonly #directory: string;
  readonly #onClosed: () => void;
  #waiting: Write[] = [];
  /** One batch at a time, because LevelDB's writer threads do not keep several in order. */
  #writing: Promise<void> | undefined;
  readonly #clearings = new Set<Promise<void>>();
  #failure: UnderstudyError | undefined;
  #closing: Promise<void> | undefined;

  constructor(database: ClassicLevel, directory: string, onClosed: () => void) {
    this.#database = database;
    this.#directory = directory;
    this.#onClosed = onClosed;
  }

  async *read({ from, to }: KeyRange): AsyncGenerator<readonly StoredEntry[]> {
    if (this.#closing !== undefined) throw closed(this.#directory);
    const iterator = this.#database.iterator({ gte: from, lt: to, highWaterMarkBytes: PORTION_BYTES });
    const next = () =>
      iterator.nextv(PORTION_ENTRIES).catch((error: unknown) => {
        throw readingFailure(this.#directory, error);
      });
    try {
      for (let portion = await next(); portion.length > 0; portion = await next()) yield portion;
    } finally {
      await iterator.close();
    }
  }

  write(changes: readonly Change[]): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closed(this.#directory));
    if (this.#failure !== undefined) return Promise.reject(failedBefore(this.#directory, this.#failure));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async clear({ from, to }: KeyRange): Promise<void> {
    await this.write([]); // After this, the range is cleared of all earlier writes too.
    if (this.#closing !== undefined) throw closed(this.#directory);
    const clearing = this.#database.clear({ gte: from, lt: to }).catch((error: unknown) => {
      throw this.#fail(error);
    });
    this.#clearings.add(clearing);
    try {
      await clearing;
    } finally {
      this.#clearings.delete(clearing);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#commit(group);
        for (const { resolve } of group) resolve();
      } catch (error) {
        const failure = this.#fail(error);
        for (const { reject } of group) reject(failure);
        for (const { reject } of this.#waiting.splice(0)) reject(failedBefore(this.#directory, failure));
      }
    }
    this.#writing = undefined;
  }

  /** Takes at least one write, whatever its size. */
  #takeGroup(): Write[] {
    let changes = 0;
    let count = 0;
    for (const write of this.#waiting) {
      changes += write.changes.length;
      if (count > 0 && changes > MOST_CHANGES_TOGETHER) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** A chained batch takes a twentieth of the main thread's time that a list of operations takes. */
  async #commit(writes: readonly Write[]): Promise<void> {
    const batch = this.#database.batch();
    for (const { changes } of writes) {
      for (const change of changes) {
        if (change.kind === 'put') batch.put(change.key, change.value);
        else batch.del(change.key);
      }
    }
    if (batch.length > 0) await batch.write({ sync: true });
    else await batch.close();
  }

  #fail(error: unknown): UnderstudyError {
    this.#failure ??= failed(this.#directory, error);
    return this.#failure;
  }

  async #close(): Promise<void> {
    await this.#writing;
    await Promise.allSettled(this.#clearings);
    try {
      await this.#database.close();
    } catch (error) {
      throw failed(this.#directory, error);
    }
    this.#onClosed();
  }
}

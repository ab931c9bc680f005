/**
 * A disk in memory, for tests of code that stores data. It acts at once, never fails, and lasts as long as this object.
 */
import { type Change, type Disk, type KeyRange, type Store, type StoredEntry, UnderstudyError } from '@understudy/rpc';
import { asideNameOf, hasAside } from './aside-name.ts';
import { StoredTexts } from './stored-texts.ts';

export class MemoryDisk implements Disk {
  readonly #directories = new Map<string, StoredTexts>();
  readonly #open = new Set<string>();

  async open(directory: string): Promise<Store> {
    this.#refuseOpen(directory);
    const texts = this.#directories.get(directory) ?? new StoredTexts();
    this.#directories.set(directory, texts);
    this.#open.add(directory);
    return new MemoryStore(directory, texts, () => this.#open.delete(directory));
  }

  async setAside(directory: string): Promise<string> {
    this.#refuseOpen(directory);
    const texts = this.#directories.get(directory);
    if (texts === undefined) return '';
    const name = asideNameOf(directory, this.#directories);
    this.#directories.delete(directory);
    this.#directories.set(name, texts);
    return name;
  }

  async hasSetAside(directory: string): Promise<boolean> {
    return hasAside(directory, this.#directories.keys());
  }

  #refuseOpen(directory: string): void {
    if (this.#open.has(directory)) throw new UnderstudyError('STORE_IN_USE', `${directory} is in use`);
  }
}

class MemoryStore implements Store {
  readonly #directory: string;
  readonly #texts: StoredTexts;
  readonly #onClosed: () => void;
  #closed = false;

  constructor(directory: string, texts: StoredTexts, onClosed: () => void) {
    this.#directory = directory;
    this.#texts = texts;
    this.#onClosed = onClosed;
  }

  async *read(range: KeyRange): AsyncGenerator<readonly StoredEntry[]> {
    this.#refuseClosed();
    const entries = this.#texts.range(range);
    if (entries.length > 0) yield entries;
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#refuseClosed();
    this.#texts.apply(changes);
  }

  async clear(range: KeyRange): Promise<void> {
    this.#refuseClosed();
    for (const [key] of this.#texts.range(range)) this.#texts.delete(key);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed();
  }

  #refuseClosed(): void {
    if (this.#closed) {
      throw new UnderstudyError('CLOSED', `the store at ${this.#directory} is closed`, { definite: true });
    }
  }
}

/** A store whose writes end when the test says so, and as it says. */
import { type Change, type KeyRange, type Store, type StoredEntry, UnderstudyError } from '@understudy/rpc';

export class HeldStore implements Store {
  /** All writes that were called, oldest first. */
  readonly writes: (readonly Change[])[] = [];
  isClosed = false;
  readonly #open: { readonly succeed: () => void; readonly fail: (error: UnderstudyError) => void }[] = [];

  /** Writes under way. */
  get underWay(): number {
    return this.#open.length;
  }

  /** The oldest write under way is on stable storage. Resolves when those who waited for it have heard. */
  async succeed(): Promise<void> {
    this.#take().succeed();
    await passed();
  }

  /** The oldest write under way fails. */
  async fail(reason: string): Promise<void> {
    this.#take().fail(new UnderstudyError('STORE_FAILED', reason));
    await passed();
  }

  async *read(_range: KeyRange): AsyncGenerator<readonly StoredEntry[]> {}

  write(changes: readonly Change[]): Promise<void> {
    this.writes.push(changes);
    return new Promise((succeed, fail) => {
      this.#open.push({ succeed, fail });
    });
  }

  async clear(_range: KeyRange): Promise<void> {}

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #take(): { readonly succeed: () => void; readonly fail: (error: UnderstudyError) => void } {
    const oldest = this.#open.shift();
    if (oldest === undefined) throw new Error('no write is under way');
    return oldest;
  }
}

/** Everything that promises had to do is done. */
export function passed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

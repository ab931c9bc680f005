/** The disk as a process sees it: directories, each with one ordered store of texts in it, written in atomic batches that survive a power loss. */

export interface Disk {
  /**
   * Opens the store in a directory, which is made where there is none.
   *
   * Fails with STORE_IN_USE while it is open already, in this process or another, with STORE_FOREIGN where anything else is there than a
   * store of this kind, with STORE_DAMAGED where such a store cannot be read, and with STORE_FAILED where the disk itself does not do what
   * it should (full, not writable, input or output errors). Nothing is changed then.
   */
  open(directory: string, kind?: StoreKind): Promise<Store>;
  /**
   * Moves what is in a directory out of the way, for a person to look at, and gives the name that it has now; "" where there was nothing.
   * Fails with STORE_IN_USE while the store is open, with STORE_FOREIGN where there is no store, and with STORE_FAILED, which tells `why` it
   * was to be moved, too.
   */
  setAside(directory: string, why?: string): Promise<string>;
  /**
   * Whether something that was in this directory lies set aside. It outlives a crash right after `setAside`, before
   * anything else could be written about it. Fails with STORE_FAILED.
   */
  hasSetAside(directory: string): Promise<boolean>;
}

/** Whose store it is: the store of another kind is refused. */
export interface StoreKind {
  /** A word of small letters. */
  readonly name: string;
  /** A sealed record that every such store has: by it a store is known that was made before directories were marked. */
  readonly record?: string;
}

/** Keys and values are well-formed texts; keys are ordered by their UTF-8 bytes. After `close()` everything fails with CLOSED. */
export interface Store {
  /**
   * The entries with `from <= key < to`, in order, in portions of any size, as they are when the first is asked for: with every write that
   * had resolved, and others whole or not at all. Fails with STORE_DAMAGED or STORE_FAILED, at the latest at the end: until then entries
   * may be missing among those that came.
   */
  read(range: KeyRange): AsyncIterable<readonly StoredEntry[]>;
  /**
   * Resolves when all of these changes are on stable storage: after a crash or a power loss at any moment either all of them are there or,
   * unless it had resolved, none. Several writes may be under way; they take effect, and resolve, in the order of their calls; of those
   * that had not resolved a crash may keep any. Rejects with STORE_FAILED; then nothing is known of what those under way left on the
   * disk, and every further write is rejected: that is definite.
   */
  write(changes: readonly Change[]): Promise<void>;
  /**
   * Deletes a range in its own time, what was written before the call included; until it resolves nothing may be written into the range.
   * After a crash parts of it may be there again, unless a later write, called when it had resolved, has resolved too. Rejects as `write`.
   */
  clear(range: KeyRange): Promise<void>;
  /** Writes under way end first. The directory may be opened again when it resolves. */
  close(): Promise<void>;
}

export interface KeyRange {
  readonly from: string;
  /** Not included. */
  readonly to: string;
}

export type StoredEntry = readonly [key: string, value: string];

export type Change =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string };

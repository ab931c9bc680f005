/**
 * The disk of a process: directories, each with one ordered store of texts. Writes are atomic batches that survive a
 * power loss.
 */

export interface Disk {
  /**
   * Opens the store in a directory. The directory is created if it does not exist.
   *
   * Fails with STORE_IN_USE if it is open already, in this process or another; with STORE_FOREIGN if it contains
   * anything but a store of this kind; with STORE_DAMAGED if the store cannot be read; and with STORE_FAILED if the
   * disk fails (full, not writable, input or output errors). Nothing is changed then.
   */
  open(directory: string, kind?: StoreKind): Promise<Store>;
  /**
   * Moves the content of a directory aside, for a person to inspect, and returns its new name; "" if there was nothing.
   * Fails with STORE_IN_USE if the store is open, with STORE_FOREIGN if there is no store, and with STORE_FAILED if the
   * disk fails; that failure also names `why` it was to be moved.
   */
  setAside(directory: string, why?: string): Promise<string>;
  /**
   * Whether earlier content of this directory was set aside. This survives a crash right after `setAside`, before
   * anything else could be written about it. Fails with STORE_FAILED.
   */
  hasSetAside(directory: string): Promise<boolean>;
}

/** The kind of a store. A store of another kind is refused. */
export interface StoreKind {
  /** A word in lower case. */
  readonly name: string;
  /** A sealed record that every store of this kind has. It identifies stores made before directories were marked. */
  readonly record?: string;
}

/**
 * An ordered store. Keys and values are well-formed texts; keys are ordered by their UTF-8 bytes. After `close()`
 * everything fails with CLOSED.
 */
export interface Store {
  /**
   * Reads the entries with `from <= key < to`, in order, in portions of any size, as of the first request: with every
   * write that had resolved, and each other write whole or not at all. Fails with STORE_DAMAGED or STORE_FAILED, at the
   * latest at the end; before that, entries may be missing.
   */
  read(range: KeyRange): AsyncIterable<readonly StoredEntry[]>;
  /**
   * Resolves when all changes are on stable storage. After a crash or a power loss at any moment, either all of them
   * are there or, unless it had resolved, none. Several writes may be in progress. They take effect and resolve in the
   * order of their calls; of those that had not resolved, a crash may keep any. Rejects with STORE_FAILED. The content
   * of writes in progress is then unknown, and every further write is rejected; those rejections are definite.
   */
  write(changes: readonly Change[]): Promise<void>;
  /**
   * Deletes a range, including everything written before the call. Nothing may be written into the range until it
   * resolves. After a crash parts of the range may reappear, unless a later write, called after it had resolved, has
   * resolved too. Rejects like `write`.
   */
  clear(range: KeyRange): Promise<void>;
  /** Waits for writes in progress. The directory may be opened again when it resolves. */
  close(): Promise<void>;
}

export interface KeyRange {
  readonly from: string;
  /** The end (exclusive). */
  readonly to: string;
}

export type StoredEntry = readonly [key: string, value: string];

export type Change =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string };

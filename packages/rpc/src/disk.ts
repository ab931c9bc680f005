/** The disk as a process sees it: directories, each with one ordered store of texts in it, written in atomic batches that survive a power loss. */

export interface Disk {
  /**
   * Opens the store in a directory, which is made where there is none.
   *
   * Fails with STORE_IN_USE while another process has it open, with STORE_DAMAGED where what is there is no store or cannot be read, and with
   * STORE_FAILED where the disk itself does not do what it should (full, not writable, input or output errors).
   */
  open(directory: string): Promise<Store>;
  /** Moves what is in a directory out of the way, for a person to look at, and gives the name that it has now; "" where there was nothing. */
  setAside(directory: string): Promise<string>;
}

/** Keys and values are well-formed texts; keys are ordered by their UTF-8 bytes. */
export interface Store {
  /** The entries with `from <= key < to`, in order, in portions of any size. Fails with STORE_DAMAGED or STORE_FAILED. */
  read(range: KeyRange): AsyncIterable<readonly StoredEntry[]>;
  /**
   * Resolves when all of these changes are on stable storage: after a crash or a power loss at any moment either all of them are there or, unless
   * it had resolved, none. Several writes may be under way; they take effect in the order of their calls. Rejects with STORE_FAILED; then and
   * from then on nothing is known of what is on the disk, and every further write is rejected.
   */
  write(changes: readonly Change[]): Promise<void>;
  /** Deletes a range in its own time: after a crash parts of it may be there still. */
  clear(range: KeyRange): Promise<void>;
  /** Writes under way end first. */
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

/** A snapshot of the data, read page by page. */
import type { OpenSnapshotResult, ScanEntry } from '../contract.ts';
import type { ScanOptions } from './options.ts';
import { type FetchPage, scanPages } from './scan.ts';

/** @typeParam Value Text, unless the client has a codec. */
export class Snapshot<Value = string> {
  /** The snapshot contains every change up to this revision, and none after it. */
  readonly revision: number;
  /** The number of keys. */
  readonly keys: number;
  readonly #id: string;
  readonly #fetch: FetchPage;
  readonly #read: (entry: ScanEntry) => ScanEntry<Value>;

  constructor(
    { snapshot, revision, keys }: OpenSnapshotResult,
    fetch: FetchPage,
    read: (entry: ScanEntry) => ScanEntry<Value>,
  ) {
    this.revision = revision;
    this.keys = keys;
    this.#id = snapshot;
    this.#fetch = fetch;
    this.#read = read;
  }

  /**
   * As `KVClient.scan`, but all entries are of one moment. Fails with SNAPSHOT_UNKNOWN if the server no longer holds
   * the snapshot; take another one then.
   */
  scan(options: ScanOptions = {}): AsyncIterableIterator<ScanEntry<Value>> {
    return scanPages((page, each) => this.#fetch({ ...page, snapshot: this.#id }, each), this.#read, options);
  }
}

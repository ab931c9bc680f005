/** One moment of the data, read page by page. */
import type { OpenSnapshotResult, ScanEntry } from '../contract.ts';
import type { ScanOptions } from './options.ts';
import { type FetchPage, scanPages } from './scan.ts';

/** `Value`: text, unless the client has a codec. */
export class Snapshot<Value = string> {
  /** Every change up to this one is in it, and none behind. */
  readonly revision: number;
  /** How many there are in all. */
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

  /** As KVClient's, but all of one moment. Fails with SNAPSHOT_UNKNOWN where the server does not hold it any more: take another. */
  scan(options: ScanOptions = {}): AsyncIterableIterator<ScanEntry<Value>> {
    return scanPages((page, each) => this.#fetch({ ...page, snapshot: this.#id }, each), this.#read, options);
  }
}

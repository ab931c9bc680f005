/** One moment of the data, read page by page. */
import type { OpenSnapshotResult, ScanEntry } from '../contract.ts';
import type { ScanOptions } from './options.ts';
import { type FetchPage, scanPages } from './scan.ts';

export class Snapshot {
  /** Every change up to this one is in it, and none behind. */
  readonly revision: number;
  /** How many there are in all. */
  readonly keys: number;
  readonly #id: string;
  readonly #fetch: FetchPage;

  constructor({ snapshot, revision, keys }: OpenSnapshotResult, fetch: FetchPage) {
    this.revision = revision;
    this.keys = keys;
    this.#id = snapshot;
    this.#fetch = fetch;
  }

  /** As KVClient's, but all of one moment. Fails with SNAPSHOT_UNKNOWN where the server does not hold it any more: take another. */
  scan(options: ScanOptions = {}): AsyncIterableIterator<ScanEntry> {
    return scanPages((page, patience) => this.#fetch({ ...page, snapshot: this.#id }, patience), options);
  }
}

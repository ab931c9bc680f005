/**
 * The disk of one server: its data at start, and every write after that (R9).
 *
 * Damaged data is set aside and reported, and the server starts empty. It never starts with only a part of its data.
 */
import { type Clock, type Disk, type Store, UnderstudyError } from '@understudy/rpc';
import type { MachineLimits } from '../core/config.ts';
import type { Persist } from '../core/persist.ts';
import type { Restored } from '../core/persistence.ts';
import { mostToLoad } from '../memory-bound.ts';
import type { DiskNotice } from '../notice.ts';
import { GroupCommit } from './group-commit.ts';
import { type Loaded, load, NOTHING } from './load.ts';
import { Recorder } from './recorder.ts';
import { META_KEY } from './records.ts';

const SERVER_STORE = { name: 'server', record: META_KEY };

export interface ServerDiskParts {
  readonly disk: Disk;
  readonly directory: string;
  /** The server's address. Data of another server is refused. */
  readonly server: string;
  readonly limits: MachineLimits;
  /** The memory limit of this server. It may load more than that (M4). */
  readonly maxBytes: number;
  readonly onNotice: (notice: DiskNotice) => void;
}

export interface WritingParts {
  readonly clock: Pick<Clock, 'endOfTurn'>;
  readonly onDurable: (number: number) => void;
  readonly onFailure: (error: UnderstudyError) => void;
}

export class ServerDisk {
  readonly restored: Restored;
  readonly #server: string;
  readonly #store: Store;
  readonly #logRecords: readonly number[];
  #commits: GroupCommit | undefined;

  private constructor(server: string, store: Store, { logRecords, ...restored }: Loaded) {
    this.#server = server;
    this.#store = store;
    this.#logRecords = logRecords;
    this.restored = restored;
  }

  /**
   * Opens the data directory. Damaged data is moved aside with a notice, and the server starts without data. Fails with
   * STORE_IN_USE, STORE_FAILED or STORE_FOREIGN, or with INVALID_PARAMS for data of another server or a newer version;
   * nothing is changed then. NO_SPACE means that there is more data than this server may load.
   */
  static async open(parts: ServerDiskParts): Promise<ServerDisk> {
    const { disk, directory, server, limits, maxBytes, onNotice } = parts;
    let store: Store | undefined;
    try {
      store = await disk.open(directory, SERVER_STORE);
      const loaded = await load(store, { directory, server, limits, maxBytes: mostToLoad(maxBytes) });
      tell(loaded, onNotice);
      return new ServerDisk(server, store, loaded);
    } catch (error) {
      await store?.close();
      if (!(error instanceof UnderstudyError) || error.name !== 'STORE_DAMAGED') throw error;
      const movedTo = await disk.setAside(directory, error.message);
      onNotice({ kind: 'data-damaged', reason: error.message, movedTo });
      const fresh = await disk.open(directory, SERVER_STORE);
      return new ServerDisk(server, fresh, NOTHING);
    }
  }

  /** Starts writing for a run of the server. */
  begin(parts: WritingParts): void {
    const recorder = new Recorder(this.#server, this.#logRecords);
    this.#commits = new GroupCommit({ store: this.#store, recorder, ...parts });
  }

  write(persist: Persist): void {
    this.#commits?.add(persist);
  }

  /** Closes the disk after the writes in progress. */
  async close(): Promise<void> {
    await this.#commits?.drained();
    await this.#store.close();
  }
}

function tell({ meta, entries, machine }: Loaded, onNotice: ServerDiskParts['onNotice']): void {
  if (meta === undefined || meta.fulfilled === 0) return;
  const { fulfilled, applied } = meta;
  const keys = machine?.cells.size ?? 0;
  onNotice({ kind: 'restored', viewnum: fulfilled, entries: entries.length, keys, applied });
}

/** Where a monitor keeps what it must not forget: on disk before anybody hears of it (V9). */
import { type Disk, type Store, seal, UnderstudyError, unseal } from '@understudy/rpc';
import type { MonitorState } from './core/state.ts';

/** Of the record's layout. A newer one is refused, not guessed at. */
const FORMAT = 1;
const KEY = 'monitor';
const MONITOR_STORE = { name: 'monitor', record: KEY };

interface StateRecord {
  readonly format: number;
  /** Null: there was one, and it was damaged. */
  readonly state: MonitorState | null;
}

export interface ViewStoreParts {
  readonly disk: Disk;
  readonly directory: string;
  /** What was there cannot be used; it was moved to `movedTo`. */
  readonly onDamaged: (reason: string, movedTo: string) => void;
  /** The disk failed; from now on nobody hears of anything. */
  readonly onFailure: (error: UnderstudyError) => void;
}

export class ViewStore {
  /** What was found at the start. */
  readonly found: MonitorState | undefined;
  /** There was something before, of which nothing is known any more (V12). */
  readonly isLost: boolean;
  readonly #parts: ViewStoreParts;
  readonly #store: Store;
  /** What was given last. */
  #state: MonitorState | undefined;
  #text = '';
  #waiting: (() => void)[] = [];
  #writing: Promise<void> | undefined;
  #isChanged = false;

  /** @param found Null: what was there is lost; undefined: there was nothing. */
  private constructor(parts: ViewStoreParts, store: Store, found: MonitorState | null | undefined) {
    this.#parts = parts;
    this.#store = store;
    this.found = found ?? undefined;
    this.isLost = found === null;
    if (found !== undefined) this.#text = sealed(found);
  }

  /**
   * Damaged data is moved aside, and a note left of it. If the process or the disk fails between the two, the directory is empty at the
   * next start: then what lies aside shows that there was something (V12). Fails with STORE_IN_USE, STORE_FAILED, STORE_FOREIGN, or
   * INVALID_PARAMS where the data is of a newer version.
   */
  static async open(parts: ViewStoreParts): Promise<ViewStore> {
    const { disk, directory, onDamaged } = parts;
    let store: Store | undefined;
    try {
      store = await disk.open(directory, MONITOR_STORE);
      const found = await load(store, directory);
      if (found === undefined && (await disk.hasSetAside(directory))) return await ViewStore.#begin(parts, store);
      return new ViewStore(parts, store, found);
    } catch (error) {
      await store?.close();
      if (!(error instanceof UnderstudyError) || error.name !== 'STORE_DAMAGED') throw error;
      onDamaged(error.message, await disk.setAside(directory, error.message));
      return ViewStore.#begin(parts, await disk.open(directory, MONITOR_STORE));
    }
  }

  /** With a note that there was something, which is lost. */
  static async #begin(parts: ViewStoreParts, fresh: Store): Promise<ViewStore> {
    try {
      await fresh.write([{ kind: 'put', key: KEY, value: sealed(null) }]);
    } catch (error) {
      await fresh.close();
      throw error;
    }
    return new ViewStore(parts, fresh, null);
  }

  /** Calls back when this state, and all before it, is on stable storage: at once if it is. */
  whenSaved(state: MonitorState | undefined, callback: () => void): void {
    if (state !== undefined && state !== this.#state) {
      this.#state = state;
      const text = sealed(state);
      this.#isChanged ||= text !== this.#text;
      this.#text = text;
    }
    if (!this.#isChanged && this.#writing === undefined) return callback();
    this.#waiting.push(callback);
    this.#writing ??= this.#write();
  }

  /** What is under way is written first. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#store.close();
  }

  /** What comes during one write shares the next. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const ready = this.#waiting;
      this.#waiting = [];
      const isChanged = this.#isChanged;
      this.#isChanged = false;
      try {
        if (isChanged) await this.#store.write([{ kind: 'put', key: KEY, value: this.#text }]);
      } catch (error) {
        this.#parts.onFailure(error as UnderstudyError);
        return;
      }
      for (const callback of ready) callback();
    }
    this.#writing = undefined;
  }
}

function sealed(state: MonitorState | null): string {
  return seal(KEY, { format: FORMAT, state } satisfies StateRecord);
}

async function load(store: Store, directory: string): Promise<MonitorState | null | undefined> {
  for await (const portion of store.read({ from: '', to: '\u{10ffff}' })) {
    for (const entry of portion) {
      if (entry[0] !== KEY) throw new UnderstudyError('STORE_DAMAGED', `${entry[0]} is no record of a monitor`);
      const { format, state } = unseal(entry) as StateRecord;
      if (format <= FORMAT) return state;
      const newer = `was written in format ${format} by a newer version, and this one reads up to ${FORMAT}`;
      const message = `dataDir: ${directory} ${newer}: nothing in it was changed`;
      throw new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'dataDir' } });
    }
  }
  return undefined;
}

/**
 * Saves the monitor's state. The state is on disk before any answer or notice that depends on it leaves the monitor
 * (V9).
 */
import { type Disk, type Store, seal, UnderstudyError, unseal } from '@understudy/rpc';
import type { MonitorState } from './core/state.ts';

/** The version of the record's layout. A newer one is refused instead of guessed at. */
const FORMAT = 1;
const KEY = 'monitor';
const MONITOR_STORE = { name: 'monitor', record: KEY };

interface StateRecord {
  readonly format: number;
  /** Null: there was a state, and it was damaged. */
  readonly state: MonitorState | null;
}

export interface ViewStoreParts {
  readonly disk: Disk;
  readonly directory: string;
  /** The data found is unusable; it was moved to `movedTo`. */
  readonly onDamaged: (reason: string, movedTo: string) => void;
  /** The disk failed. No callback of `whenSaved` runs from now on. */
  readonly onFailure: (error: UnderstudyError) => void;
}

export class ViewStore {
  /** The state found at the start. */
  readonly found: MonitorState | undefined;
  /** There was a state before, and it is lost (V12). */
  readonly isLost: boolean;
  readonly #parts: ViewStoreParts;
  readonly #store: Store;
  /** The state passed in last. */
  #state: MonitorState | undefined;
  #text = '';
  #waiting: (() => void)[] = [];
  #writing: Promise<void> | undefined;
  #isChanged = false;

  /** @param found Null if a former state is lost; undefined if there was none. */
  private constructor(parts: ViewStoreParts, store: Store, found: MonitorState | null | undefined) {
    this.#parts = parts;
    this.#store = store;
    this.found = found ?? undefined;
    this.isLost = found === null;
    if (found !== undefined) this.#text = sealed(found);
  }

  /**
   * Moves damaged data aside and writes a note about it. If the process or the disk fails between the two, the
   * directory is empty at the next start; the data that was set aside then shows that there was a state (V12). Fails
   * with STORE_IN_USE, STORE_FAILED or STORE_FOREIGN, or with INVALID_PARAMS if a newer version wrote the data.
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

  /** Begins with a note that there was a state, which is lost. */
  static async #begin(parts: ViewStoreParts, fresh: Store): Promise<ViewStore> {
    try {
      await fresh.write([{ kind: 'put', key: KEY, value: sealed(null) }]);
    } catch (error) {
      await fresh.close();
      throw error;
    }
    return new ViewStore(parts, fresh, null);
  }

  /** Calls back once this state and all earlier ones are on stable storage; at once if they already are. */
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

  /** Finishes the writes under way first. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#store.close();
  }

  /** Callers that arrive during one write share the next. */
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

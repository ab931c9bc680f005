/**
 * The disk of a simulated machine, as tests control it. It outlives the process, and may be slow, full, faulty or lost.
 */
import type { StoredEntry } from '@understudy/rpc';
import { type DiskFaults, type DiskState, newDirectory, SOUND_DISK } from './simulated-disk-state.ts';

/** A copy of a whole disk. */
export interface DiskImage {
  readonly directories: ReadonlyMap<string, readonly StoredEntry[]>;
}

/** Where a bit was flipped. */
export interface FlippedBit {
  readonly directory: string;
  readonly key: string;
}

export class SimulatedDisk {
  readonly #state: DiskState;
  #harms = 0;

  constructor(state: DiskState) {
    this.#state = state;
  }

  /** How often the contents were changed from outside: a bit flipped, the disk lost, spoiled, or replaced by a copy. */
  get harms(): number {
    return this.#harms;
  }

  /** The names of the directories that hold or held something. */
  get directories(): readonly string[] {
    return [...this.#state.directories.keys()];
  }

  /** The directories that the process has open now. */
  get open(): readonly string[] {
    return this.directories.filter((directory) => this.#state.isInUse(directory));
  }

  /** What is on stable storage in a directory, in the order of the keys. */
  entries(directory: string): readonly StoredEntry[] {
    return this.#state.directories.get(directory)?.texts.all() ?? [];
  }

  /** Applies from now on. Fields that are left out keep their value. */
  configure(faults: Partial<DiskFaults>): void {
    this.#state.faults = { ...this.#state.faults, ...faults };
  }

  /** Ends all faults. Damaged data stays damaged. */
  calm(): void {
    this.#state.faults = SOUND_DISK;
    this.#state.full = false;
    this.#state.writesToFail = 0;
    this.#state.readsToFail = 0;
  }

  /** The next `count` writes to end fail with STORE_FAILED. Whether they are kept anyway is drawn. */
  failNextWrite(count = 1): void {
    this.#state.writesToFail = count;
  }

  /** The next `count` portions to be read fail with STORE_FAILED. */
  failNextRead(count = 1): void {
    this.#state.readsToFail = count;
  }

  /** The disk is full until `free()`: no write succeeds, and no store can be opened. */
  fill(): void {
    this.#state.full = true;
  }

  free(): void {
    this.#state.full = false;
  }

  /**
   * Changes one bit of one stored value, so that it stays well-formed text: of the given key, of any key in the given
   * directory, or of any key at all. Returns undefined if there is no such value with a character in it.
   */
  flipBit(where: { readonly directory?: string; readonly key?: string } = {}): FlippedBit | undefined {
    const { random, directories, note } = this.#state;
    const candidates = (where.directory === undefined ? this.directories : [where.directory]).flatMap((directory) =>
      this.entries(directory)
        .filter(([key, value]) => value !== '' && (where.key === undefined || where.key === key))
        .map(([key, value]) => ({ directory, key, value })),
    );
    if (candidates.length === 0) return undefined;
    const { directory, key, value } = random.pick(candidates);
    const [at, bit] = [random.integer(0, value.length - 1), random.integer(0, 2)];
    // The low bits never turn another character into a surrogate, or a surrogate into another character.
    const flipped = String.fromCharCode(value.charCodeAt(at) ^ (1 << bit));
    this.#harms += 1;
    directories.get(directory)?.texts.put(key, value.slice(0, at) + flipped + value.slice(at + 1));
    note(`flip ${directory} ${key} ${at} ${bit}`);
    return { directory, key };
  }

  /** From now on, the directory holds something other than a store: it cannot be opened, and is not set aside. */
  spoil(directory: string): void {
    this.#harms += 1;
    this.#state.directories.set(directory, newDirectory([], true));
    this.#state.note(`spoil ${directory}`);
  }

  /** Replaces this disk by an empty one. Open stores fail from then on. */
  lose(): void {
    this.#harms += 1;
    this.#state.directories = new Map();
    this.#state.note('lose');
  }

  snapshot(): DiskImage {
    return { directories: new Map(this.directories.map((directory) => [directory, this.entries(directory)])) };
  }

  /** Replaces this disk by the copy, which may be used repeatedly. Open stores fail from then on. */
  restore({ directories }: DiskImage): void {
    this.#harms += 1;
    this.#state.directories = new Map([...directories].map(([name, entries]) => [name, newDirectory(entries)]));
    this.#state.note('restore');
  }
}

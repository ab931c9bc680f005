/** The Disk of one run of a simulated process. */
import { type Disk, type Store, UnderstudyError } from '@understudy/rpc';
import { asideNameOf, hasAside } from './aside-name.ts';
import type { ProcessRun } from './process-run.ts';
import { type DiskState, newDirectory } from './simulated-disk-state.ts';
import { SimulatedStore } from './simulated-store.ts';

export class ProcessDisk implements Disk {
  readonly #run: ProcessRun;
  readonly #state: DiskState;
  readonly #stores = new Set<SimulatedStore>();

  constructor(run: ProcessRun, state: DiskState) {
    this.#run = run;
    this.#state = state;
  }

  open(directory: string): Promise<Store> {
    return this.#work(() => {
      const { directories, users, full } = this.#state;
      this.#refuseInUse(directory);
      if (full) throw new UnderstudyError('STORE_FAILED', `the disk failed at ${directory}: no space left on device`);
      const found = directories.get(directory) ?? newDirectory();
      if (found.foreign) throw new UnderstudyError('STORE_FOREIGN', `${directory} holds something else`);
      directories.set(directory, found);
      users.set(directory, this.#run);
      return this.#newStore(directory);
    });
  }

  setAside(directory: string): Promise<string> {
    return this.#work(() => {
      const { directories } = this.#state;
      this.#refuseInUse(directory);
      const found = directories.get(directory);
      if (found === undefined) return '';
      if (found.foreign) throw new UnderstudyError('STORE_FOREIGN', `${directory} holds no store`);
      const name = asideNameOf(directory, directories);
      directories.delete(directory);
      directories.set(name, found);
      return name;
    });
  }

  hasSetAside(directory: string): Promise<boolean> {
    return this.#work(() => hasAside(directory, this.#state.directories.keys()));
  }

  /** The process died. Data that was not on stable storage may be lost. */
  crash(): void {
    for (const store of this.#stores) store.crash();
    this.#stores.clear();
  }

  #newStore(directory: string): SimulatedStore {
    const store: SimulatedStore = new SimulatedStore(directory, this.#run, this.#state, () => {
      this.#state.users.delete(directory);
      this.#stores.delete(store);
    });
    this.#stores.add(store);
    return store;
  }

  #refuseInUse(directory: string): void {
    if (this.#state.isInUse(directory)) throw new UnderstudyError('STORE_IN_USE', `${directory} is in use`);
  }

  /** Runs `action` after the time that it takes, if the process still lives then. */
  #work<T>(action: () => T): Promise<T> {
    const { virtual } = this.#run;
    const { random, faults } = this.#state;
    return new Promise((resolve, reject) => {
      const act = () => {
        try {
          resolve(action());
        } catch (error) {
          reject(error);
        }
      };
      const delayMs = random.exponential(faults.readMs);
      this.#run.leave(() => virtual.at(virtual.now + delayMs, () => this.#run.enter('message', act)));
    });
  }
}

/** Group commit: while one write is on its way to the disk, what comes meanwhile gathers for the next. */
import type { Change, Store, UnderstudyError } from '@understudy/rpc';
import type { Persist } from '../core/persist.ts';
import type { Recorder } from './recorder.ts';

export interface GroupCommitParts {
  readonly store: Store;
  readonly recorder: Recorder;
  /** Everything up to the write of that number is on stable storage. */
  readonly onDurable: (number: number) => void;
  /** The disk failed: nothing more will be written (R9). */
  readonly onFailure: (error: UnderstudyError) => void;
}

export class GroupCommit {
  readonly #parts: GroupCommitParts;
  #changes: Change[] = [];
  #number = 0;
  #writing: Promise<void> | undefined;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
  }

  add(persist: Persist): void {
    this.#parts.recorder.record(persist, this.#changes);
    this.#number = persist.number;
    this.#writing ??= this.#write();
  }

  /** Resolves when nothing is under way any more. */
  async drained(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { store, onDurable, onFailure } = this.#parts;
    while (this.#changes.length > 0) {
      const changes = this.#changes;
      const number = this.#number;
      this.#changes = [];
      try {
        await store.write(changes);
      } catch (error) {
        onFailure(error as UnderstudyError);
        return;
      }
      onDurable(number);
    }
    this.#writing = undefined;
  }
}

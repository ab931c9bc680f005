/** Group commit: while one write is on its way to the disk, what comes meanwhile gathers for the next. */
import type { Change, Clock, Store, UnderstudyError } from '@understudy/rpc';
import type { Persist } from '../core/persist.ts';
import type { Recorder } from './recorder.ts';

export interface GroupCommitParts {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly clock: Pick<Clock, 'endOfTurn'>;
  /** Everything up to the write of that number is on stable storage. */
  readonly onDurable: (number: number) => void;
  /** The disk failed: nothing more will be written (R9). */
  readonly onFailure: (error: UnderstudyError) => void;
}

export class GroupCommit {
  readonly #parts: GroupCommitParts;
  /** In order; nothing of it changes any more. */
  #given: Persist[] = [];
  #writing: Promise<void> | undefined;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
  }

  add(persist: Persist): void {
    this.#given.push(persist);
    this.#writing ??= this.#write();
  }

  /** Resolves when nothing is under way any more. */
  async drained(): Promise<void> {
    await this.#writing;
  }

  /** Begins when what this turn sends to others has left: they work on it while the records are made here. */
  async #write(): Promise<void> {
    const { store, recorder, clock, onDurable, onFailure } = this.#parts;
    await new Promise<void>((resolve) => clock.endOfTurn(resolve));
    for (let given = this.#given.splice(0); given.length > 0; given = this.#given.splice(0)) {
      const changes: Change[] = [];
      for (const persist of given) recorder.record(persist, changes);
      try {
        await store.write(changes);
      } catch (error) {
        onFailure(error as UnderstudyError);
        return;
      }
      onDurable(given.at(-1)?.number ?? 0);
    }
    this.#writing = undefined;
  }
}

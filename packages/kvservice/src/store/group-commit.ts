/** Group commit: writes that arrive while one is on its way to the disk are combined into the next one. */
import type { Change, Clock, Store, UnderstudyError } from '@understudy/rpc';
import type { Persist } from '../core/persist.ts';
import type { Recorder } from './recorder.ts';

export interface GroupCommitParts {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly clock: Pick<Clock, 'endOfTurn'>;
  /** Called when all writes up to that number are on stable storage. */
  readonly onDurable: (number: number) => void;
  /** Called when the disk fails. Nothing more will be written (R9). */
  readonly onFailure: (error: UnderstudyError) => void;
}

export class GroupCommit {
  readonly #parts: GroupCommitParts;
  /** The writes that wait, in order. They do not change any more. */
  #given: Persist[] = [];
  #writing: Promise<void> | undefined;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
  }

  add(persist: Persist): void {
    this.#given.push(persist);
    this.#writing ??= this.#write();
  }

  /** Resolves when no write is in progress. */
  async drained(): Promise<void> {
    await this.#writing;
  }

  /**
   * Starts at the end of the turn, after its messages have left: their receivers work while the records are built here.
   */
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

/**
 * One directory of a simulated disk, open in one run of a process. It is as bad as a real disk may be: writes take
 * time, a crash keeps any part of the writes under way, a cleared range may come back, a failed write may be kept
 * anyway, and after one failure every later write fails.
 */
import { assert, type Change, type KeyRange, type Store, type StoredEntry, UnderstudyError } from '@understudy/rpc';
import type { PlannedEvent } from './event-heap.ts';
import type { ProcessRun } from './process-run.ts';
import { type DiskState, newDirectory, type SimulatedDirectory } from './simulated-disk-state.ts';
import { isWithin } from './stored-texts.ts';

/** An operation that takes time and then happens as a whole. */
interface Job {
  readonly what: WriteJob | ClearJob;
  readonly succeed: () => void;
  readonly fail: (error: UnderstudyError) => void;
}

interface WriteJob {
  readonly kind: 'write';
  readonly changes: readonly Change[];
  /** The number of clearings that had ended when the write was called. The write makes them durable. */
  readonly clearings: number;
}

interface ClearJob {
  readonly kind: 'clear';
  readonly range: KeyRange;
}

const PORTION_ENTRIES = 100;

export class SimulatedStore implements Store {
  readonly #name: string;
  readonly #run: ProcessRun;
  readonly #state: DiskState;
  readonly #directory: SimulatedDirectory;
  readonly #onClosed: () => void;
  /** Jobs that were called and have not left the process yet. */
  readonly #called: Job[] = [];
  /** Jobs on their way to stable storage, in the order of the calls. */
  readonly #underWay = new Map<Job, PlannedEvent>();
  /** When the last write under way ends. */
  #busyUntil = 0;
  readonly #clearing = new Set<KeyRange>();
  #failure: UnderstudyError | undefined;
  #closing = false;
  #onIdle: (() => void) | undefined;

  constructor(name: string, run: ProcessRun, state: DiskState, onClosed: () => void) {
    this.#name = name;
    this.#run = run;
    this.#state = state;
    this.#directory = state.directories.get(name) ?? newDirectory();
    this.#onClosed = onClosed;
  }

  async *read(range: KeyRange): AsyncGenerator<readonly StoredEntry[]> {
    this.#refuseClosed();
    const entries = this.#directory.texts.range(range);
    for (let at = 0; at === 0 || at < entries.length; at += PORTION_ENTRIES) {
      await this.#passTime();
      this.#refuseClosed();
      const error = this.#isGone() ? 'no such device' : this.#state.readError();
      const portion = entries.slice(at, at + PORTION_ENTRIES);
      this.#state.note(`read ${this.#name} ${error} ${portion.join('\n')}`);
      if (error !== '') throw this.#failed(error);
      if (portion.length > 0) yield portion;
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    for (const range of this.#clearing) {
      assert(!changes.some(({ key }) => isWithin(key, range)), 'nothing is written into a range while it is cleared');
    }
    await this.#call({ kind: 'write', changes: [...changes], clearings: this.#directory.clearings });
  }

  async clear(range: KeyRange): Promise<void> {
    this.#clearing.add(range);
    await this.#call({ kind: 'clear', range }).finally(() => this.#clearing.delete(range));
  }

  async close(): Promise<void> {
    if (!this.#run.alive) return never();
    if (this.#closing) return;
    this.#closing = true;
    if (this.#called.length + this.#underWay.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#onClosed();
  }

  /**
   * Of the jobs under way, any part may have reached stable storage, each write entirely or not at all. Cleared entries
   * may be back.
   */
  crash(): void {
    const { random, note } = this.#state;
    const share = this.#state.drawShare();
    let kept = '';
    for (const [job, event] of this.#underWay) {
      this.#run.virtual.cancel(event);
      if (job.what.kind === 'clear') this.#clearSome(job.what.range, share);
      else if (random.chance(share)) {
        this.#apply(job.what);
        kept += '1';
      } else kept += '0';
    }
    this.#underWay.clear();
    this.#bringBackSome();
    note(`crash ${this.#name} ${kept}`);
  }

  async #call(what: WriteJob | ClearJob): Promise<void> {
    if (!this.#run.alive) return never();
    this.#refuseClosed();
    if (this.#failure !== undefined) throw this.#neverTried(this.#failure);
    return new Promise((succeed, fail) => {
      this.#called.push({ what, succeed, fail });
      // The oldest job leaves first, whatever delayed the process.
      this.#run.leave(() => this.#start());
    });
  }

  #start(): void {
    const job = this.#called.shift();
    if (job === undefined) return;
    const { virtual } = this.#run;
    const { random, faults } = this.#state;
    const end = Math.max(this.#busyUntil, virtual.now + random.exponential(faults.writeMs));
    if (job.what.kind === 'write') this.#busyUntil = end;
    this.#underWay.set(
      job,
      virtual.at(end, () => this.#end(job)),
    );
  }

  #end(job: Job): void {
    const { what } = job;
    this.#underWay.delete(job);
    const error = this.#failure === undefined ? this.#errorOf() : 'an earlier write failed';
    if (error === '') this.#apply(what);
    else this.#fail(what, error);
    const last = what.kind === 'write' ? what.changes.at(-1)?.key : what.range.from;
    this.#state.note(`${what.kind} ${this.#name} ${last} ${error}`);
    const failure = this.#failure;
    this.#run.enter('message', () => {
      if (failure === undefined) job.succeed();
      else job.fail(failure);
      if (this.#called.length + this.#underWay.size === 0) this.#onIdle?.();
    });
  }

  #errorOf(): string {
    return this.#isGone() ? 'no such device' : this.#state.writeError();
  }

  #apply(what: WriteJob | ClearJob): void {
    const directory = this.#directory;
    if (what.kind === 'write') {
      directory.texts.apply(what.changes);
      if (directory.cleared.length > 0)
        directory.cleared = directory.cleared.filter(({ number }) => number > what.clearings);
      return;
    }
    const entries = directory.texts.range(what.range);
    for (const [key] of entries) directory.texts.delete(key);
    directory.cleared = [...directory.cleared, { number: ++directory.clearings, entries }];
  }

  /** A write that fails may be kept anyway. */
  #fail(what: WriteJob | ClearJob, error: string): void {
    this.#failure ??= this.#failed(error);
    if (what.kind === 'clear') this.#clearSome(what.range, this.#state.drawShare());
    else if (this.#state.random.chance(0.5)) this.#directory.texts.apply(what.changes);
  }

  #clearSome(range: KeyRange, share: number): void {
    const { texts } = this.#directory;
    for (const [key] of texts.range(range)) if (this.#state.random.chance(share)) texts.delete(key);
  }

  #bringBackSome(): void {
    const { cleared, texts } = this.#directory;
    for (const { entries } of cleared) {
      const share = this.#state.drawShare();
      for (const [key, value] of entries)
        if (texts.get(key) === undefined && this.#state.random.chance(share)) texts.put(key, value);
    }
    this.#directory.cleared = [];
  }

  /** The disk that this store was opened on was replaced by another. */
  #isGone(): boolean {
    return this.#state.directories.get(this.#name) !== this.#directory;
  }

  #passTime(): Promise<void> {
    const { virtual } = this.#run;
    const end = virtual.now + this.#state.random.exponential(this.#state.faults.readMs);
    return new Promise((resolve) => {
      this.#run.leave(() => virtual.at(end, () => this.#run.enter('message', resolve)));
    });
  }

  #refuseClosed(): void {
    if (this.#closing && this.#run.alive)
      throw new UnderstudyError('CLOSED', `the store at ${this.#name} is closed`, { definite: true });
  }

  #failed(reason: string): UnderstudyError {
    return new UnderstudyError('STORE_FAILED', `the disk failed at ${this.#name}: ${reason}`);
  }

  #neverTried(first: UnderstudyError): UnderstudyError {
    const message = `not written to ${this.#name}, where a write failed before`;
    return new UnderstudyError('STORE_FAILED', message, { definite: true, cause: first });
  }
}

/** A promise that never settles, for calls of a dead process. */
function never<T>(): Promise<T> {
  return new Promise(() => {});
}

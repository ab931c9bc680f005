/** Tries the mistakes of one subject, one after the other, in as few processes as possible. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, type Subject, testFilesOf } from './subjects.ts';
import { switched } from './switched.ts';
import { type Mutant, mutantsOf, type Trial } from './trial.ts';
import type { Measured, Verdict } from './worker-messages.ts';
import { WorkerProcess } from './worker-process.ts';

export interface Ways {
  readonly byTests: boolean;
  /** Of the simulation, for each mistake that the tests let pass; 0: none. */
  readonly seeds: number;
}

export class SubjectTrials {
  readonly #subject: Subject;
  readonly #ways: Ways;
  readonly #texts: Readonly<Record<string, string>>;
  #worker: WorkerProcess | undefined;
  #measured: Measured | undefined;

  constructor(subject: Subject, ways: Ways) {
    this.#subject = subject;
    this.#ways = ways;
    this.#texts = textsOf(subject);
  }

  async *of(mutants: readonly Mutant[]): AsyncGenerator<Trial> {
    try {
      for (const mutant of mutants) {
        const since = performance.now();
        const { outcome, by } = await this.#verdictOn(mutant.id);
        yield { mutant, outcome, by, ms: Math.round(performance.now() - since) };
      }
    } finally {
      this.#worker?.end();
    }
  }

  async #verdictOn(id: number): Promise<Verdict> {
    const verdict = await this.#tried(id);
    // A failure that stays with the switch off may come from an earlier mistake; a new process knows none.
    if (verdict.outcome === 'tests' && !verdict.isClean) return this.#tried(id);
    const isAtLoad = this.#measured?.atLoad.includes(id) === true;
    return verdict.outcome === 'survived' && isAtLoad ? this.#triedFromLoad(id) : verdict;
  }

  async #tried(id: number): Promise<Verdict> {
    this.#worker ??= await this.#started(0);
    this.#measured = this.#worker?.measured;
    if (this.#worker === undefined) throw new Error(`the tests of ${this.#subject.folder} did not load`);
    const verdict = await this.#worker.try(id);
    if (!verdict.isClean) {
      this.#worker.end();
      this.#worker = undefined;
    }
    return verdict;
  }

  /** In a process of its own, with the mistake there while the files load. */
  async #triedFromLoad(id: number): Promise<Verdict> {
    try {
      const worker = await this.#started(id);
      const verdict = await worker?.try(id);
      worker?.end();
      return verdict ?? { outcome: 'time', by: 'loading', isClean: false };
    } catch (error) {
      return { outcome: 'tests', by: `loading: ${String(error)}`, isClean: false };
    }
  }

  #started(atLoad: number): Promise<WorkerProcess | undefined> {
    const { byTests } = this.#ways;
    const seeds = this.#subject.isSimulated === false ? 0 : this.#ways.seeds;
    const tests = byTests ? testFilesOf(this.#subject) : [];
    const task = { tests, seeds, atLoad, ...(this.#measured === undefined ? {} : { measured: this.#measured }) };
    return WorkerProcess.start(task, this.#texts);
  }
}

function textsOf(subject: Subject): Readonly<Record<string, string>> {
  const firstIds = new Map<string, number>();
  for (const { file, id } of mutantsOf(subject)) if (!firstIds.has(file)) firstIds.set(file, id);
  const texts = [...firstIds].map(([file, first]) => {
    const path = join(ROOT, file);
    return [pathToFileURL(path).href, switched(readFileSync(path, 'utf8'), first)];
  });
  return Object.fromEntries(texts) as Readonly<Record<string, string>>;
}

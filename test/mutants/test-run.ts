/** Mocha's tests, loaded once and run many times in one process: all, or some of them up to the first failure. */
import { join } from 'node:path';
import Mocha from 'mocha';
import { stopwatch } from './stopwatch.ts';
import { ROOT } from './subjects.ts';
import type { Switches } from './switches.ts';
import type { Step } from './worker-messages.ts';

export interface Failed {
  readonly title: string;
  readonly text: string;
  readonly isTimeout: boolean;
}

export class TestRun {
  readonly #mocha: Mocha;
  readonly #begins: (ms: number) => void;
  #msOf: (title: string) => number = () => 0;

  private constructor(mocha: Mocha, begins: (ms: number) => void) {
    this.#mocha = mocha;
    this.#begins = begins;
  }

  /** `begins` is called before each test, with how long it takes without a mistake; 0: nobody knows. */
  static async load(files: readonly string[], begins: (ms: number) => void): Promise<TestRun> {
    const mocha = new Mocha({ bail: true, timeout: 30_000, reporter: Silent as unknown as Mocha.ReporterConstructor });
    mocha.cleanReferencesAfterRun(false);
    mocha.files = files.map((file) => join(ROOT, file));
    await mocha.loadFilesAsync();
    return new TestRun(mocha, begins);
  }

  /** Runs all of them: what a hook reaches counts for each test that the hook is for. */
  async measured(switches: Switches): Promise<{ steps: readonly Step[]; failed: Failed | undefined }> {
    const steps = new Map<string, Step>();
    const add = (title: string, { ms, cpuMs }: Pick<Step, 'ms' | 'cpuMs'>, reached: readonly number[]) => {
      const known = steps.get(title) ?? { ms: 0, cpuMs: 0, reached: [] };
      const all = [...new Set([...known.reached, ...reached])];
      steps.set(title, { title, ms: known.ms + ms, cpuMs: known.cpuMs + cpuMs, reached: all });
    };
    this.#mocha.suite.eachTest((test) => test.timeout(MEASURING_PATIENCE_MS));
    let spent = stopwatch();
    const begin = () => {
      switches.startRecording();
      spent = stopwatch();
    };
    begin();
    const failed = await this.#run(
      () => true,
      (runner) => {
        runner.on('hook end', (hook) => {
          if (!hook.title.includes('all"')) return; // what is done before each test counts for the next one
          const reached = switches.stopRecording();
          hook.parent?.eachTest((test) => add(test.fullTitle(), { ms: 0, cpuMs: 0 }, reached));
          begin();
        });
        runner.on('test end', (test) => {
          add(test.fullTitle(), spent(), switches.stopRecording());
          begin();
        });
      },
    );
    switches.stopRecording();
    return { steps: [...steps.values()], failed };
  }

  /** The quickest first; a step may take some times as long as without a mistake. */
  async firstFailure(steps: readonly Step[]): Promise<Failed | undefined> {
    for (const [from, below] of QUICKNESS) {
      const some = new Map(
        steps.filter(({ cpuMs }) => cpuMs >= from && cpuMs < below).map((step) => [step.title, step]),
      );
      if (some.size === 0) continue;
      this.#msOf = (title) => some.get(title)?.ms ?? 0;
      this.#mocha.suite.eachTest((test) => {
        const ms = some.get(test.fullTitle())?.ms;
        if (ms !== undefined) test.timeout(PATIENCE_MS + PATIENCE_FACTOR * ms);
      });
      const failed = await this.#run(
        (title) => some.has(title),
        () => {},
      );
      if (failed !== undefined) return failed;
    }
    return undefined;
  }

  #run(isWanted: (title: string) => boolean, watch: (runner: Mocha.Runner) => void): Promise<Failed | undefined> {
    // Mocha asks nothing of a pattern but this.
    this.#mocha.grep({ test: isWanted } as RegExp);
    return new Promise((resolve) => {
      let failed: Failed | undefined;
      const runner = this.#mocha.run(() => resolve(failed));
      runner.on('fail', (test, error) => {
        const isTimeout = (error as { code?: string }).code === 'ERR_MOCHA_TIMEOUT';
        failed ??= { title: test.fullTitle(), text: String(error?.stack ?? error), isTimeout };
      });
      runner.on('test', (test) => this.#begins(this.#msOf(test.fullTitle())));
      watch(runner);
    });
  }
}

/** Milliseconds of the processor that each test of one round takes. */
const QUICKNESS = [
  [0, 5],
  [5, 50],
  [50, 500],
  [500, Number.POSITIVE_INFINITY],
] as const;

/** Of one test, on a machine that is busy with something else. */
const MEASURING_PATIENCE_MS = 600_000;
const PATIENCE_MS = 20_000;
const PATIENCE_FACTOR = 20;

class Silent {}

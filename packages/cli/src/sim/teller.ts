/** Reports the results of the seeds: to people as they happen, or to programs all at once. */
import type { SimulationResult } from '@understudy/testkit';
import { CommandFailure } from '../exit.ts';
import { complainOf } from '../output/complaint.ts';
import { asJson, printLine } from '../output.ts';
import { failureInWords, runInWords, summaryInWords } from './report.ts';
import type { SimRequest } from './request.ts';
import type { Tally } from './tally.ts';
import type { Outcome } from './task.ts';

export interface Teller {
  /** Called for the seeds in order. */
  tell(outcome: Outcome): void;
  /** Reports a batch. If it ended early, only what was done. */
  conclude(tally: Tally, elapsedMs: number): void;
}

export function tellerFor(request: SimRequest, json: boolean): Teller {
  return json ? new ForPrograms(request) : new ForPeople(request);
}

class ForPeople implements Teller {
  readonly #request: SimRequest;
  #failed = 0;

  constructor(request: SimRequest) {
    this.#request = request;
  }

  tell(outcome: Outcome): void {
    const { isBatch, trace, watch } = this.#request;
    const { seed, violations } = outcome.result;
    if (violations.length > 0) {
      printLine(failureInWords(outcome, this.#request, this.#failed === 0));
      this.#failed += 1;
    }
    if (!isBatch) printLine(runInWords(outcome));
    if (trace !== undefined && violations.length === 0) printLine(`  watch it    ${watch(seed)}`);
  }

  conclude(tally: Tally, elapsedMs: number): void {
    if (!this.#request.isBatch) return;
    if (this.#failed > 0) printLine('');
    printLine(summaryInWords(tally, this.#request, elapsedMs));
  }
}

class ForPrograms implements Teller {
  readonly #request: SimRequest;
  readonly #results: SimulationResult[] = [];

  constructor(request: SimRequest) {
    this.#request = request;
  }

  tell({ result }: Outcome): void {
    this.#results.push(result);
  }

  /** Only the object goes to stdout. How to reproduce a failure goes to stderr. */
  conclude(tally: Tally): void {
    printLine(asJson({ seeds: this.#results, coverage: Object.fromEntries(tally.coverage) }));
    const failed = this.#results.find(({ violations }) => violations.length > 0);
    if (failed === undefined) return;
    const replay = this.#request.replay(failed.seed);
    complainOf(new CommandFailure(`a property did not hold; replay it: ${replay}`), { json: true }, { replay });
  }
}

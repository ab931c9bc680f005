/** Executes a line, and has the answer printed. */
import type { KVClient, ScanEntry } from '@understudy/kvservice';
import { UnderstudyError, unreachable, type World } from '@understudy/rpc';
import { UsageError } from '../exit.ts';
import { inquire } from '../inquiry.ts';
import { reportInWords } from '../narrate/report.ts';
import { explainFailure } from '../operation.ts';
import type { Answer } from '../operations/answer.ts';
import type { Printer } from '../operations/printer.ts';
import { help } from './help.ts';
import { type Request, requestOf } from './request.ts';

export interface InterpreterOptions {
  readonly kv: KVClient;
  readonly world: World;
  readonly monitors: readonly string[];
  /** Milliseconds that `status` waits for the monitor, and again for the servers. */
  readonly statusTimeoutMs: number;
  readonly printer: TimedPrinter;
  /** The width of the help text. */
  readonly columns: () => number;
  /** Resolves when the output has room, or when `signal` is aborted. A long list waits for its reader. */
  readonly outputTakesMore: (signal: AbortSignal) => Promise<void>;
  /** Called before anything of an answer is printed. */
  readonly onAnswer: () => void;
}

/** A printer that may show how long the operation took. */
export interface TimedPrinter extends Pick<Printer, 'entry'> {
  /** As in `Printer`. */
  answer(answer: Answer, elapsedMs: number): boolean;
  /** One sentence on what went wrong, instead of an answer. Without a time if the line itself was wrong. */
  failure(message: string, elapsedMs: number | undefined, error: unknown): void;
}

/** `failed`: the same command in a shell would have ended with an exit code other than 0. */
export type Outcome = 'done' | 'failed' | 'exit';

export class Interpreter {
  readonly #options: InterpreterOptions;

  constructor(options: InterpreterOptions) {
    this.#options = options;
  }

  /** Never rejects. A failure is printed, and the next line may follow. */
  async run(line: string, signal: AbortSignal): Promise<Outcome> {
    const { world, printer, onAnswer, outputTakesMore } = this.#options;
    const beganMs = world.clock.now();
    const elapsedMs = () => world.clock.now() - beganMs;
    let request: Request = { kind: 'nothing' };
    try {
      request = requestOf(line);
      if (request.kind === 'exit') return 'exit';
      await outputTakesMore(signal);
      const answer = await this.#answerTo(request, signal);
      if (answer === undefined) return 'done';
      onAnswer();
      return printer.answer(answer, elapsedMs()) ? 'done' : 'failed';
    } catch (error) {
      onAnswer();
      printer.failure(inWords(request, error), error instanceof UsageError ? undefined : elapsedMs(), error);
      return 'failed';
    }
  }

  async #answerTo(request: Request, signal: AbortSignal): Promise<Answer | undefined> {
    switch (request.kind) {
      case 'nothing':
      case 'exit':
        return undefined;
      case 'help':
        return this.#help(request.topic);
      case 'status':
        return this.#status(signal);
      case 'operation': {
        const { kv, printer, onAnswer, outputTakesMore } = this.#options;
        const { operation, given } = request;
        const entry = (found: ScanEntry) => {
          onAnswer();
          printer.entry(found);
          return outputTakesMore(signal);
        };
        return operation.run({ kv, given, last: { signal }, entry });
      }
      default:
        return unreachable(request);
    }
  }

  #help(topic: string | undefined): Answer {
    const text = help(topic, this.#options.columns());
    return { kind: 'help', text, json: { help: text } };
  }

  async #status(signal: AbortSignal): Promise<Answer> {
    const { world, monitors, statusTimeoutMs } = this.#options;
    const report = await inquire({ world, monitors, timeoutMs: statusTimeoutMs, signal });
    return { kind: 'report', text: reportInWords(report), json: report };
  }
}

/** For an operation that changes data, it says whether it may have been done. */
function inWords(request: Request, error: unknown): string {
  const name = request.kind === 'operation' ? request.operation.name : request.kind;
  const kind = request.kind === 'operation' ? request.operation.kind : 'read';
  if (!(error instanceof UnderstudyError) || error.name !== 'ABORTED') return explainFailure(error, kind);
  if (kind === 'read') return `${name}: cancelled`;
  return `${name}: cancelled; ${error.definite ? 'it is definitely not done' : 'it may or may not have been done'}`;
}

/** The command's side of a process that simulates. */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailure, UsageError } from '../exit.ts';
import type { Answer, Outcome, Task } from './task.ts';

/** The worker is a file beside this one, both in the build and in the source. */
const WORKER = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
/**
 * Megabytes. A simulation creates many short-lived objects and few that stay. A large young generation saves a tenth of
 * the time.
 */
const YOUNG_GENERATION = '--max-semi-space-size=64';
/** The last characters of its stderr that are kept, to report why it died. */
const LAST_WORDS = 4_000;

export class WorkerProcess {
  readonly #process: ChildProcess;
  readonly #died: Promise<string>;

  /** Node's own options are inherited, and with them the way in which TypeScript is loaded. */
  constructor() {
    const execArgv = [...process.execArgv, YOUNG_GENERATION];
    this.#process = fork(WORKER, [], { execArgv, stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    this.#died = death(this.#process);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** One task at a time. Fails if the task fails, or if the process dies. */
  async perform(task: Task): Promise<Outcome> {
    const answer = await Promise.race([this.#answer(task), this.#died]);
    if (typeof answer === 'string') throw new CommandFailure(`the process that simulated seed ${task.seed} ${answer}`);
    if (answer.kind === 'done') return answer.outcome;
    if (answer.isWrongUsage) throw new UsageError(answer.message);
    throw new CommandFailure(task.trace === undefined ? `seed ${task.seed}: ${answer.message}` : answer.message);
  }

  /** Ends the process at once. Resolves when it is gone. */
  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#died;
  }

  #answer(task: Task): Promise<Answer> {
    return new Promise((resolve) => {
      this.#process.once('message', (answer: Answer) => resolve(answer));
      // If it is gone already, its death says more than the failure to reach it.
      this.#process.send(task, () => {});
    });
  }
}

/** Resolves with the reason of its end, and never rejects. */
function death(child: ChildProcess): Promise<string> {
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk}`.slice(-LAST_WORDS);
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(`could not be started: ${message}`));
    child.once('close', (code, signal) => {
      const how = signal === null ? `ended with exit code ${code}` : `died of ${signal}`;
      const why = reasonAmong(lastWords.split('\n'));
      resolve(why === '' ? how : `${how}: ${why}`);
    });
  });
}

/** The line of Node's output that names an uncaught error; otherwise the last line. */
function reasonAmong(lines: readonly string[]): string {
  const named = lines.find((line) => /^(?:\w*Error\b.*: |FATAL ERROR: )/.test(line));
  return (named ?? lines.findLast((line) => line.trim() !== '') ?? '').trim();
}

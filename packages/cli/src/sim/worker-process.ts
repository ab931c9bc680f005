/** The command's end of a process that simulates. */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailure, UsageError } from '../exit.ts';
import type { Answer, Outcome, Task } from './task.ts';

/** Built or source, the worker is a file beside this one. */
const WORKER = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
/**
 * A simulation makes much that lives for a moment, and little that stays: with room for it in the young generation, a tenth of the time
 * is saved. Megabytes.
 */
const YOUNG_GENERATION = '--max-semi-space-size=64';
/** Characters of its last output on stderr that are kept, to say what it died of. */
const LAST_WORDS = 4_000;

export class WorkerProcess {
  readonly #process: ChildProcess;
  readonly #died: Promise<string>;

  /** Node's own options are inherited, and with them how TypeScript is loaded. */
  constructor() {
    const execArgv = [...process.execArgv, YOUNG_GENERATION];
    this.#process = fork(WORKER, [], { execArgv, stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    this.#died = death(this.#process);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** One at a time. Fails when the task does, or the process dies of it. */
  async perform(task: Task): Promise<Outcome> {
    const answer = await Promise.race([this.#answer(task), this.#died]);
    if (typeof answer === 'string') throw new CommandFailure(`the process that simulated seed ${task.seed} ${answer}`);
    if (answer.kind === 'done') return answer.outcome;
    if (answer.isWrongUsage) throw new UsageError(answer.message);
    throw new CommandFailure(task.trace === undefined ? `seed ${task.seed}: ${answer.message}` : answer.message);
  }

  /** At once; resolves when it is gone. */
  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#died;
  }

  #answer(task: Task): Promise<Answer> {
    return new Promise((resolve) => {
      this.#process.once('message', (answer: Answer) => resolve(answer));
      // Where it is gone already, its death tells more than the failure to reach it.
      this.#process.send(task, () => {});
    });
  }
}

/** Resolves, never rejects, with what ended it. */
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

/** Of what Node prints about an uncaught error, the line that names it; else the last line. */
function reasonAmong(lines: readonly string[]): string {
  const named = lines.find((line) => /^(?:\w*Error\b.*: |FATAL ERROR: )/.test(line));
  return (named ?? lines.findLast((line) => line.trim() !== '') ?? '').trim();
}

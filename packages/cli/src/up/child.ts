/** One process of a local cluster: starts it, reads its log, and ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { STOP } from '../daemon.ts';
import { CommandFailure } from '../exit.ts';
import { type LogRecord, readLogLine } from '../log.ts';
import { environmentForChild } from '../settings/environment.ts';

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line on stderr that is no log record: the reason of its death, if it printed one. */
  readonly lastWords: string;
}

export class Child {
  /** Resolves with the address. Rejects with the child's last words if it ends before it listens. */
  readonly listening: Promise<string>;
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;

  /** Runs this same program with other arguments. */
  constructor(args: readonly string[], onRecord: (record: LogRecord) => void) {
    const program = [...process.execArgv, process.argv[1] ?? '', ...args];
    const env = environmentForChild(process.env);
    this.#process = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
    this.ended = watch(this.#process, onRecord);
    this.listening = Promise.race([address(this.#process), this.ended.then(fail)]);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Asks the process to end. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.send(STOP);
    await this.ended;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Stops the process until it is resumed. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  resume(): void {
    this.#process.kill('SIGCONT');
  }

  /** Does nothing if the process has ended. */
  send(order: object): void {
    if (this.#process.connected) this.#process.send(order, () => {});
  }
}

/** The address that the child prints first on stdout. */
function address({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (stdout === null) return;
    createInterface({ input: stdout }).on('line', (line) => {
      const [word, where] = line.split(' ');
      if (word === 'listening' && where !== undefined) resolve(where);
    });
  });
}

function watch(child: ChildProcess, onRecord: (record: LogRecord) => void): Promise<ChildEnd> {
  let lastWords = '';
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const record = readLogLine(line);
      if (record !== undefined) onRecord(record);
      else lastWords = line;
    });
  }
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ code: 1, signal: null, lastWords: message }));
    child.once('close', (code, signal) => resolve({ code, signal, lastWords }));
  });
}

function fail({ code, signal, lastWords }: ChildEnd): never {
  throw new CommandFailure(lastWords.replace(/^understudy: /, '') || `a process ended with ${signal ?? code}`);
}

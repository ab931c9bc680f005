/** The process of disk-writer.ts, and what it says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./disk-writer.ts', import.meta.url));

export class WriterProcess {
  /** What it said so far. */
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #onLine = () => {};

  /** @param shell What the shell does before, in the same process. */
  constructor(directories: readonly string[], first = 0, shell = ':') {
    const command = [process.execPath, ...process.execArgv, PROGRAM, String(first), ...directories];
    this.#process = spawn('/bin/sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    output.on('line', (line) => {
      this.lines.push(line);
      this.#onLine();
    });
    this.#ended = new Promise((resolve) => output.once('close', resolve));
  }

  /** Resolves when it has said so many lines, or ended. */
  said(count: number): Promise<void> {
    const enough = new Promise<void>((resolve) => {
      this.#onLine = () => {
        if (this.lines.length >= count) resolve();
      };
      this.#onLine();
    });
    return Promise.race([enough, this.#ended]);
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  /** Resolves when it ended by itself. */
  ended(): Promise<void> {
    return this.#ended;
  }
}

/**
 * A monitor or a server in a process of its own, which tells how much processor time the most costly turn of its event
 * loop took (turn-meter.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Turn } from './turn-meter.ts';

const PROGRAM = fileURLToPath(new URL('./watched-main.ts', import.meta.url));

export interface Watching {
  /** The turn that cost most since the last time. */
  readonly worstTurn: Turn;
  /** Bytes that the process has in memory. */
  readonly rss: number;
  readonly heapUsed: number;
}

export class WatchedProcess {
  readonly address: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, address: string) {
    this.#process = process;
    this.address = address;
  }

  /** Resolves when it listens. `shell`: what the shell does before, in the same process. */
  static async start(kind: 'monitor' | 'server', options: object, shell = ':'): Promise<WatchedProcess> {
    const command = [process.execPath, ...process.execArgv, PROGRAM, kind, JSON.stringify(options)];
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    const child = spawn('/bin/sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], { stdio: [...stdio] });
    const [message] = (await once(child, 'message')) as [{ address: string }];
    return new WatchedProcess(child, message.address);
  }

  get isOver(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async read(): Promise<Watching> {
    this.#process.send('read');
    const [message] = (await once(this.#process, 'message')) as [Watching];
    return message;
  }

  /**
   * How many times slower the processor is for this process, at this moment, than the one on which the bound was
   * measured.
   */
  async slowness(): Promise<number> {
    this.#process.send('slowness');
    const [message] = (await once(this.#process, 'message')) as [{ slowness: number }];
    return message.slowness;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isOver) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}

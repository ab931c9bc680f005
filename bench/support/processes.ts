/** Processes of the `understudy` command, started and read by a benchmark. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/understudy.js', import.meta.url));

export class Understudy implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  /** `onLine` gets each line of its stdout. Its errors go to our stderr unless `quiet`. `flags` are for Node. */
  constructor(
    args: readonly string[],
    onLine: (line: string) => void,
    { quiet = false, flags = [] }: { readonly quiet?: boolean; readonly flags?: readonly string[] } = {},
  ) {
    this.#process = spawn(process.execPath, [...flags, COMMAND, ...args], {
      stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit', 'ipc'],
    });
    this.#ended = new Promise((resolve) => this.#process.once('close', () => resolve()));
    if (this.#process.stdout !== null) createInterface({ input: this.#process.stdout }).on('line', onLine);
  }

  /** Resolves with the address at which a monitor or a server listens, and its process. */
  static start(
    args: readonly string[],
    flags: readonly string[] = [],
  ): Promise<{ process: Understudy; address: string }> {
    return new Promise((resolve, reject) => {
      const process: Understudy = new Understudy(
        args,
        (line) => resolve({ process, address: line.replace('listening ', '') }),
        { quiet: true, flags },
      );
      void process.#ended.then(() => reject(new Error(`understudy ${args.join(' ')} ended before it listened`)));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Sends a message by the channel that binds it to us, and gives the next one that comes back. */
  async ask(message: object): Promise<unknown> {
    const answer = once(this.#process, 'message');
    this.#process.send(message);
    const [value] = await Promise.race([answer, this.#ended.then(endedBeforeAnswer)]);
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM');
    await this.#ended;
  }
}

function endedBeforeAnswer(): never {
  throw new Error('a process ended instead of answering');
}

/** Peak and present resident memory of a process, in bytes; zeros where the system does not tell. */
export function memoryOf(pid: number): { readonly peak: number; readonly present: number } {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0);
    return { peak: kilobytes('VmHWM') * 1_024, present: kilobytes('VmRSS') * 1_024 };
  } catch {
    return { peak: 0, present: 0 };
  }
}

/** Of all threads of a process since it began, in user and kernel; read from a clock that ticks every 10 ms. */
export function processorSecondsOf(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = rest.split(' ').slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

/** A cluster on this machine, as `understudy up` runs it: real processes, which one may kill, and which are started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Process } from './service-watch.ts';

/** The `understudy` command; in a project of your own `node_modules/.bin/understudy` will do. */
const PROGRAM = fileURLToPath(import.meta.resolve('@understudy/cli').replace(/index\.(js|ts)$/, 'main.$1'));

type Member = Omit<Process, 'isRunning'>;

/** What of the lines of `understudy up --json` matters here. */
type Line =
  | { readonly kind: 'up'; readonly members: readonly Member[] }
  | { readonly kind: 'started' | 'ended' | 'log'; readonly member: Member }
  /** Lines were dropped, because they were not read in time. */
  | { readonly kind: 'gap' };

export class LocalCluster {
  /** Resolves with the address of the monitor; rejects with what the command said when it ended before. */
  readonly started: Promise<string>;
  /** Resolves when it has ended, with what the command said last. */
  readonly ended: Promise<string>;
  readonly #command: ChildProcess;
  readonly #onChange: () => void;
  /** By address, the monitor first. */
  readonly #processes = new Map<string, Process>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    const flags = PROGRAM.endsWith('.ts') ? process.execArgv : [];
    const args = [...flags, PROGRAM, 'up', '--servers', '3', '--port', '0', '--json'];
    // By the channel to it (`ipc`) the command notices when this process is gone, and ends.
    this.#command = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.ended = lastWords(this.#command);
    const failed = this.ended.then((words) => Promise.reject(new Error(words || 'the cluster ended')));
    this.started = Promise.race([this.#listen(), failed]);
  }

  get processes(): readonly Process[] {
    return [...this.#processes.values()];
  }

  /** Ends every process; resolves when all are gone. */
  async stop(): Promise<void> {
    this.#command.kill('SIGTERM');
    await this.ended;
  }

  #listen(): Promise<string> {
    return new Promise((resolve) => {
      if (this.#command.stdout === null) return;
      createInterface({ input: this.#command.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as Line;
        this.#note(line);
        if (line.kind === 'up') resolve(line.members[0]?.address ?? '');
      });
    });
  }

  #note(line: Line): void {
    if (line.kind === 'log' || line.kind === 'gap') return;
    const members = line.kind === 'up' ? line.members : [line.member];
    for (const { service, address, pid } of members) {
      this.#processes.set(address, { service, address, pid, isRunning: line.kind !== 'ended' });
    }
    this.#onChange();
  }
}

async function lastWords(command: ChildProcess): Promise<string> {
  let words = '';
  command.stderr?.on('data', (text) => {
    words = `${words}${text}`.slice(-1_000);
  });
  await once(command, 'close');
  return words.trim();
}

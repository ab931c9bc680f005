/** The process of `worker.ts` as the command sees it: started, asked, watched, and killed when it is stuck. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './subjects.ts';
import type { FromWorker, Measured, Task, Verdict } from './worker-messages.ts';

export class WorkerProcess {
  readonly measured: Measured;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, measured: Measured) {
    this.#process = process;
    this.measured = measured;
  }

  /** `texts`: by URL, what is read in the place of those files. Undefined: it did not come to an end of loading. */
  static async start(task: Task, texts: Readonly<Record<string, string>>): Promise<WorkerProcess | undefined> {
    const directory = mkdtempSync(join(tmpdir(), 'understudy-mutants-'));
    const [taskFile, textsFile] = [join(directory, 'task.json'), join(directory, 'texts.json')];
    writeFileSync(taskFile, JSON.stringify(task));
    writeFileSync(textsFile, JSON.stringify(texts));
    const child = forked(taskFile, textsFile);
    const told = await next(child, LOADING_MS);
    rmSync(directory, { recursive: true });
    if (told.kind === 'broken') throw new Error(`it fails without any mistake: ${told.text}`);
    return told.kind === 'ready' ? new WorkerProcess(child, told.measured) : undefined;
  }

  async try(id: number): Promise<Verdict> {
    this.#process.send(id);
    const told = await next(this.#process, SILENCE_MS);
    return told.kind === 'told' ? told.verdict : { outcome: 'time', by: '', isClean: false };
  }

  end(): void {
    this.#process.kill('SIGKILL');
  }
}

const LOADING_MS = 600_000;
const SILENCE_MS = 20_000;
const SILENCE_FACTOR = 20;

function forked(taskFile: string, textsFile: string): ChildProcess {
  // What is covered of a changed file says nothing about the file.
  const { NODE_V8_COVERAGE: _, ...rest } = process.env;
  return fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [taskFile], {
    cwd: ROOT,
    env: { ...rest, PLANTED_FILE: textsFile },
    execArgv: NODE_OPTIONS,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

const NODE_OPTIONS = [
  '--max-old-space-size=2000',
  `--import=${new URL('../simulation/planted/plant.mjs', import.meta.url).href}`,
  `--import=${new URL('plant-required.mjs', import.meta.url).href}`,
  '--import=tsx',
  '--conditions=understudy-source',
];

type Next = Exclude<FromWorker, { kind: 'alive' }> | { readonly kind: 'stuck' };

/** What it says next, other than that it is alive; `stuck` when it says nothing for so long, or ends. */
function next(child: ChildProcess, silenceMs: number): Promise<Next> {
  return new Promise((resolve) => {
    let complaints = '';
    const settle = (message: Next) => {
      clearTimeout(timer);
      child.off('message', listen).off('exit', ended);
      child.stderr?.off('data', complain);
      if (message.kind === 'stuck') child.kill('SIGKILL');
      resolve(message);
    };
    const ended = () => settle(complaints === '' ? { kind: 'stuck' } : { kind: 'broken', text: complaints });
    const stuck = () => settle({ kind: 'stuck' });
    const listen = (message: FromWorker) => {
      if (message.kind !== 'alive') return settle(message);
      clearTimeout(timer);
      timer = setTimeout(stuck, Math.max(silenceMs, SILENCE_FACTOR * message.ms));
    };
    const complain = (data: Buffer) => {
      complaints = (complaints + data.toString()).slice(-4_000);
    };
    let timer = setTimeout(stuck, silenceMs);
    child.on('message', listen).on('exit', ended);
    child.stderr?.on('data', complain);
  });
}

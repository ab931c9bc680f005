/** The `understudy` command under test: inside this process where that will do, as a process of its own where it must be. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { run } from '@understudy/cli';
import sinon from 'sinon';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process: quick, and the same code from the first word on. */
export async function runHere(...args: string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const before = process.exitCode;
  const stdout = sinon.stub(process.stdout, 'write').callsFake((text) => Boolean((written.stdout += String(text))));
  const stderr = sinon.stub(process.stderr, 'write').callsFake((text) => Boolean((written.stderr += String(text))));
  try {
    return { code: await run(args), ...written };
  } finally {
    stdout.restore();
    stderr.restore();
    process.exitCode = before;
  }
}

/** The build starts in a third of the time; where it is older than the source, the source is what is under test. */
export const PROGRAM: readonly string[] = isBuilt()
  ? [pathTo('../../packages/cli/bin/understudy.js')]
  : ['--import=tsx', '--conditions=understudy-source', pathTo('../../packages/cli/src/main.ts')];

export function isBuilt(): boolean {
  return ['rpc', 'dashboard', 'sysmonitor', 'kvservice', 'testkit', 'cli'].every((name) => {
    const folder = pathTo(`../../packages/${name}`);
    const stamp = `${folder}/dist/tsconfig.tsbuildinfo`;
    if (!existsSync(stamp)) return false;
    const builtMs = statSync(stamp).mtimeMs;
    const sources = readdirSync(`${folder}/src`, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
    return sources.every((file) => statSync(join(file.parentPath, file.name)).mtimeMs <= builtMs);
  });
}

/** Long for any start and any failover, and shorter than what a test may take: what went wrong is told by who waits. */
const SILENCE_MS = 20_000;

/** Those that run. A test run that is cut off leaves none behind. */
const RUNNING = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of RUNNING) child.kill('SIGKILL');
});

export class CommandProcess implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #process: ChildProcess;
  readonly #changed = new Set<() => void>();
  #stderr = '';

  /** A first argument for the heap is for Node. */
  constructor(...args: string[]) {
    const forNode = args.filter((each) => each.startsWith('--max-old-space-size'));
    const forProgram = args.filter((each) => !forNode.includes(each));
    this.#process = spawn(process.execPath, [...forNode, ...PROGRAM, ...forProgram], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    RUNNING.add(this.#process);
    this.ended = once(this.#process, 'close').then(([code, signal]) => {
      RUNNING.delete(this.#process);
      return { code, signal };
    });
    const { stdout, stderr } = this.#process;
    if (stdout === null || stderr === null) throw new Error('the process has no output to read');
    stderr.on('data', (chunk) => {
      this.#stderr += String(chunk);
    });
    createInterface({ input: stdout }).on('line', (line) => this.#add(this.lines, line));
    createInterface({ input: stderr }).on('line', (line) => this.#add(this.errors, line));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The first line on stdout, or on stderr, that fits; fails when the process ends, or is silent for long, without one. */
  async line(fits: (line: string) => boolean, where: 'lines' | 'errors' = 'lines'): Promise<string> {
    for (;;) {
      const found = this[where].find(fits);
      if (found !== undefined) return found;
      const what = await this.#next();
      if (what === 'more' || this[where].some(fits)) continue;
      throw new Error(`${what} without the line that was waited for; stderr: ${this.errors.join('\n')}`);
    }
  }

  async #next(): Promise<'more' | 'ended' | 'silent'> {
    let patience: NodeJS.Timeout | undefined;
    const more = new Promise<'more'>((resolve) => this.#changed.add(() => resolve('more')));
    const silent = new Promise<'silent'>((resolve) => {
      patience = setTimeout(() => resolve('silent'), SILENCE_MS);
    });
    const ended = this.ended.then(() => 'ended' as const);
    return Promise.race([more, ended, silent]).finally(() => clearTimeout(patience));
  }

  /** Resolves when stderr holds this text, in a line that need not have ended. */
  async text(text: string): Promise<void> {
    await eventually(`stderr holds "${text}"`, () => this.#stderr.includes(text), SILENCE_MS);
  }

  /** The address in `listening HOST:PORT`. */
  async address(): Promise<string> {
    return (await this.line((line) => line.startsWith('listening '))).replace('listening ', '');
  }

  /** Writes to its stdin. */
  type(text: string | Buffer): void {
    this.#process.stdin?.write(text);
  }

  /** Ends its stdin. */
  endInput(): void {
    this.#process.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Goes away as a reader. */
  closeStdout(): void {
    this.#process.stdout?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended;
  }

  #add(lines: string[], line: string): void {
    lines.push(line);
    for (const tell of this.#changed) tell();
    this.#changed.clear();
  }
}

/** Whether a process of this id is there, and is more than a name in the process table. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Looks again and again until it is so; fails after `patienceMs`. Only for what other processes do in real time. */
export async function eventually(what: string, condition: () => unknown, patienceMs = 10_000): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

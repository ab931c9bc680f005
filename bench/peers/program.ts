/** A server of somebody else, as a process of its own that ends with the benchmark. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Missing } from './peer.ts';

const STARTS_WITHIN_MS = 15_000;

export class Program implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: 'ignore' });
    this.#ended = new Promise((resolve) => this.#process.once('close', () => resolve()));
    process.prependOnceListener('exit', this.#kill); // before the directories go that it writes to
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#kill);
    this.#kill();
    await this.#ended;
  }

  readonly #kill = () => this.#process.kill('SIGKILL');
}

/** A directory that goes with the benchmark, however it ends. */
export class Scratch implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
    process.once('exit', this.#remove);
  }

  /** `name` begins its name; `parent`: where it is. */
  static async make(name: string, parent: string = tmpdir()): Promise<Scratch> {
    return new Scratch(await mkdtemp(join(parent, `understudy-${name}-`)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#remove);
    await rm(this.path, { recursive: true, force: true });
  }

  readonly #remove = () => rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
}

/** The first line that it prints about its version. Throws Missing where it is not installed. */
export function versionOf(command: string, debianPackage: string): string {
  const { error, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  if (error === undefined) return stdout.split('\n')[0] ?? '';
  throw new Missing(`${command} is not on the PATH; Debian has it as ${debianPackage}`);
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Tries until it succeeds, or fails with the last reason. */
export async function eventually(attempt: () => Promise<void>): Promise<void> {
  for (const endMs = performance.now() + STARTS_WITHIN_MS; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await sleep(50);
    }
  }
}

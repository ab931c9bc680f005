/**
 * One process of the cluster under siege: started, stopped, continued, killed, told to leave.
 *
 * The process listens at a port that only its proxy knows; its name for everybody is the address of the proxy. An end that nobody asked
 * for is a failure of the service, and is reported with the last lines of the log.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PROGRAM } from '../cli/command.ts';
import type { Clocks } from './clocks.ts';
import { within } from './waiting.ts';

export interface MemberParts {
  readonly name: string;
  /** Without `--listen` and `--data`. */
  readonly args: readonly string[];
  readonly port: number;
  readonly proxyPort: number;
  /** The loopback address from which its connections leave. */
  readonly source: string;
  /** Where its log goes, and its data where it keeps any. */
  readonly directory: string;
  readonly keepsData: boolean;
  readonly clocks: Clocks | undefined;
  readonly onUnexpectedEnd: (member: Member, how: string) => void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const SOURCE_ADDRESS = fileURLToPath(new URL('./source-address.mjs', import.meta.url));
const START_PATIENCE_MS = 60_000;
const TOLD_LINES = 5;

export class Member {
  readonly #parts: MemberParts;
  #process: ChildProcess | undefined;
  #ended: Promise<Ended> = Promise.resolve({ code: null, signal: null });
  #isExpectedToEnd = false;
  #isStopped = false;

  constructor(parts: MemberParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** Its name for everybody: where the proxy listens. */
  get address(): string {
    return `127.0.0.1:${this.#parts.proxyPort}`;
  }

  /** Where it listens itself, past all faults of the network. */
  get directAddress(): string {
    return `127.0.0.1:${this.#parts.port}`;
  }

  get dataDirectory(): string | undefined {
    return this.#parts.keepsData ? join(this.#parts.directory, `${this.name}-data`) : undefined;
  }

  get logFile(): string {
    return join(this.#parts.directory, `${this.name}.log`);
  }

  /** 0 when it is dead. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.#process !== undefined;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Resolves when it listens; with how it ended where it did that instead, which is then left to the caller to judge. */
  async start(...more: readonly string[]): Promise<Ended | undefined> {
    const { args, port, source, clocks, name } = this.#parts;
    const data = this.dataDirectory === undefined ? [] : ['--data', this.dataDirectory];
    const listen = ['--listen', this.directAddress];
    const log = openSync(this.logFile, 'a');
    writeFileSync(log, `{"siege":"starts ${name} at port ${port}"}\n`);
    const started = spawn(
      process.execPath,
      ['--import', SOURCE_ADDRESS, ...PROGRAM, ...args, ...listen, ...data, ...more],
      {
        stdio: ['ignore', 'pipe', log, 'ipc'],
        env: { ...process.env, SIEGE_SOURCE: source, ...clocks?.environmentOf(name) },
      },
    );
    closeSync(log);
    this.#process = started;
    this.#isExpectedToEnd = false;
    this.#ended = new Promise((resolve) => {
      started.once('close', (code, signal) => resolve({ code, signal }));
    });
    const listening = new Promise<undefined>((resolve) => {
      if (started.stdout !== null) createInterface({ input: started.stdout }).once('line', () => resolve(undefined));
    });
    const outcome = await Promise.race([listening, this.#ended, silence()]);
    if (outcome === 'silent')
      throw new Error(`${name} did not listen within ${START_PATIENCE_MS} ms: ${this.lastWords()}`);
    if (outcome !== undefined) this.#forget();
    else void this.#ended.then((ended) => this.#onEnd(started, ended));
    return outcome;
  }

  stop(): void {
    this.#isStopped = true;
    this.#process?.kill('SIGSTOP');
  }

  continue(): void {
    this.#isStopped = false;
    this.#process?.kill('SIGCONT');
  }

  /** Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#isExpectedToEnd = true;
    this.#process?.kill('SIGKILL');
    await this.#ended;
    this.#forget();
  }

  /** SIGTERM; resolves with how it ended, or with undefined when it has not ended in time. */
  async leave(patienceMs: number): Promise<Ended | undefined> {
    this.#isExpectedToEnd = true;
    this.#process?.kill('SIGTERM');
    if (!(await within(this.#ended, patienceMs))) return undefined;
    this.#forget();
    return this.#ended;
  }

  /** The end of its log. */
  lastWords(): string {
    const lines = readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-TOLD_LINES);
    return lines.map((line) => /"msg":(.*)\}$/.exec(line)?.[1] ?? line).join('\n');
  }

  #onEnd(ended: ChildProcess, { code, signal }: Ended): void {
    if (this.#process !== ended || this.#isExpectedToEnd) return;
    this.#forget();
    this.#parts.onUnexpectedEnd(this, signal === null ? `exit code ${code}` : `signal ${signal}`);
  }

  #forget(): void {
    this.#process = undefined;
    this.#isStopped = false;
  }
}

function silence(): Promise<'silent'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('silent'), START_PATIENCE_MS).unref();
  });
}

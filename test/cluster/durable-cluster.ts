/** A cluster of real processes that keep their data on disk, in a directory of the test's own: all of them die at once and come back. */
import { join } from 'node:path';
import type { SeededRandom } from '@understudy/testkit';
import { CommandProcess } from '../cli/command.ts';
import { freePorts } from '../support/free-ports.ts';

interface Member {
  readonly args: readonly string[];
  process: CommandProcess | undefined;
}

export interface DurableOptions {
  /** The monitor keeps its state on disk too. Default true. */
  readonly monitorKeeps?: boolean;
}

export class DurableCluster implements AsyncDisposable {
  /** The address of the monitor. */
  readonly monitor: string;
  readonly #directory: string;
  readonly #members: readonly Member[];

  private constructor(
    directory: string,
    [monitorPort = 0, ...serverPorts]: readonly number[],
    { monitorKeeps = true }: DurableOptions,
  ) {
    this.#directory = directory;
    this.monitor = address(monitorPort);
    const data = monitorKeeps ? ['--data', join(directory, 'monitor')] : [];
    const monitor = ['monitor', '--listen', this.monitor, ...data];
    const servers = serverPorts.map((port) => {
      const data = ['--data', this.directoryOf(address(port))];
      return ['server', '--listen', address(port), '--monitor', this.monitor, ...data];
    });
    this.#members = [monitor, ...servers].map((args) => ({ args, process: undefined }));
  }

  /** Resolves when all processes listen. */
  static async start(directory: string, servers: number, options: DurableOptions = {}): Promise<DurableCluster> {
    const cluster = new DurableCluster(directory, await freePorts(servers + 1), options);
    const [monitor, ...others] = cluster.#members;
    if (monitor !== undefined) await launch(monitor, '--new');
    for (const member of others) await launch(member);
    return cluster;
  }

  /** Where that server keeps its data. */
  directoryOf(server: string): string {
    return join(this.#directory, `server-${server.split(':').at(-1)}`);
  }

  /** Kills the monitor and every server, all at once; resolves when none of them is there. */
  async killAll(): Promise<void> {
    const processes = this.#members.flatMap(({ process: running }) => running ?? []);
    for (const running of processes) running.signal('SIGKILL');
    for (const running of processes) await running.ended;
    for (const member of this.#members) member.process = undefined;
  }

  /** Starts everybody again, in a random order and with random pauses between; resolves when all of them listen. */
  async restartAll(random: SeededRandom): Promise<void> {
    const listening: Promise<void>[] = [];
    for (const member of random.shuffle(this.#members)) {
      listening.push(launch(member));
      await new Promise((resolve) => setTimeout(resolve, random.integer(0, MAX_PAUSE_MS)));
    }
    await Promise.all(listening);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAll();
  }
}

const MAX_PAUSE_MS = 200;

async function launch(member: Member, ...more: readonly string[]): Promise<void> {
  member.process = new CommandProcess(...member.args, ...more);
  await member.process.address();
}

/** Ports in a row that were free a moment ago. */
function address(port: number): string {
  return `127.0.0.1:${port}`;
}

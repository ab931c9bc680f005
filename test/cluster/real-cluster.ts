/** A cluster of real processes under test: a monitor and servers that tests kill, stop and continue. */
import { KVClient } from '@understudy/kvservice';
import { MonitorClient, type MonitorStatus } from '@understudy/sysmonitor';
import { CommandProcess, eventually } from '../cli/command.ts';

export class RealCluster implements AsyncDisposable {
  readonly monitor: string;
  readonly kv: KVClient;
  readonly #client: MonitorClient;
  readonly #monitorProcess: CommandProcess;
  readonly #servers = new Map<string, CommandProcess>();

  private constructor(monitorProcess: CommandProcess, monitor: string) {
    this.#monitorProcess = monitorProcess;
    this.monitor = monitor;
    this.#client = new MonitorClient({ monitors: monitor });
    this.kv = new KVClient({ monitors: monitor });
  }

  /** Resolves once a backup is in sync, where there are two servers or more. */
  static async start(servers: number): Promise<RealCluster> {
    const monitorProcess = new CommandProcess('monitor', '--new', '--listen', '0');
    const cluster = new RealCluster(monitorProcess, await monitorProcess.address());
    for (let number = 0; number < servers; number += 1) await cluster.addServer();
    if (servers > 1) await cluster.inSync();
    return cluster;
  }

  /** The address of a new server. */
  async addServer(): Promise<string> {
    const server = new CommandProcess('server', '--listen', '0', '--monitor', this.monitor);
    const address = await server.address();
    this.#servers.set(address, server);
    return address;
  }

  signal(server: string, signal: NodeJS.Signals): void {
    this.#servers.get(server)?.signal(signal);
  }

  get servers(): readonly string[] {
    return [...this.#servers.keys()];
  }

  /** Resolves when that server has ended. */
  ended(server: string): CommandProcess['ended'] {
    return this.#process(server).ended;
  }

  /** The lines that it wrote to stderr. */
  errorsOf(server: string): readonly string[] {
    return this.#process(server).errors;
  }

  #process(server: string): CommandProcess {
    const running = this.#servers.get(server);
    if (running === undefined) throw new Error(`no server ${server}`);
    return running;
  }

  signalMonitor(signal: NodeJS.Signals): void {
    this.#monitorProcess.signal(signal);
  }

  status(): Promise<MonitorStatus> {
    return this.#client.status();
  }

  /** Resolves with primary and backup of a view that is acknowledged, with a backup that holds all the data. */
  async inSync(): Promise<{ readonly primary: string; readonly backup: string }> {
    let found: { readonly primary: string; readonly backup: string } | undefined;
    await eventually('a backup is in sync', async () => {
      const { view, acknowledged } = await this.status();
      const backup = view.backups.find((server) => !view.syncing.includes(server));
      found = acknowledged && backup !== undefined ? { primary: view.primary, backup } : undefined;
      return found;
    });
    if (found === undefined) throw new Error('no view');
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kv.close();
    await this.#client.close();
    for (const server of [...this.#servers.values(), this.#monitorProcess]) await server[Symbol.asyncDispose]();
  }
}

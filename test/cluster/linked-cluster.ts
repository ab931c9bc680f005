/**
 * A cluster of real processes behind links that are long or thin. Each process listens at a port that only its link knows, and is known to
 * everybody by the address of that link (`--advertise`). So what is sent to a process takes the way that the test gave it.
 */
import { MonitorClient, type MonitorStatus } from '@understudy/sysmonitor';
import { CommandProcess, eventually } from '../cli/command.ts';
import { freePorts } from '../support/free-ports.ts';
import { SlowLink, type SlowLinkOptions } from '../support/slow-link.ts';

export interface LinkedOptions {
  /** The way to each server. They start one after the other, so the first is the primary. */
  readonly servers: readonly SlowLinkOptions[];
  /** The way to the monitor; a near one unless set. */
  readonly monitor?: SlowLinkOptions;
  /** Flags of the monitor and of all servers. */
  readonly flags?: readonly string[];
}

/** Longer than anything takes, on any machine. */
export const PATIENCE_MS = 60_000;

export class LinkedCluster implements AsyncDisposable {
  /** Of the monitor, through its link. */
  monitor = '';
  /** In the order of their start. */
  readonly servers: CommandProcess[] = [];
  readonly #links: SlowLink[] = [];
  readonly #options: LinkedOptions;
  #monitorProcess: CommandProcess | undefined;
  /** Past the link to the monitor. */
  #near: MonitorClient | undefined;

  private constructor(options: LinkedOptions) {
    this.#options = options;
  }

  /** Resolves once every server but the first is a backup that holds all the data. */
  static async start(options: LinkedOptions): Promise<LinkedCluster> {
    const cluster = new LinkedCluster(options);
    try {
      await cluster.#startMonitor();
      for (const link of options.servers) {
        await cluster.addServer(link);
        await cluster.inSync(cluster.servers.length);
      }
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** One more server, behind such a link. */
  async addServer(options: SlowLinkOptions): Promise<void> {
    const link = this.#link(options);
    const advertise = await link.listen();
    const listen = `127.0.0.1:${(await freePorts(1))[0]}`;
    link.leadTo(listen);
    const names = ['--listen', listen, '--advertise', advertise, '--monitor', this.monitor];
    const server = new CommandProcess('server', ...names, ...(this.#options.flags ?? []));
    this.servers.push(server);
    await server.address();
  }

  /** Resolves when the view is acknowledged and so many servers hold all the data. */
  async inSync(servers: number): Promise<void> {
    await eventually(
      `${servers} servers are in sync`,
      async () => {
        const { view, acknowledged } = await this.status();
        return acknowledged && view.backups.length === servers - 1 && view.syncing.length === 0;
      },
      PATIENCE_MS,
    );
  }

  async status(): Promise<MonitorStatus> {
    if (this.#near === undefined) throw new Error('no monitor');
    return await this.#near.status();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#near?.close();
    for (const server of this.servers) await server[Symbol.asyncDispose]();
    await this.#monitorProcess?.[Symbol.asyncDispose]();
    for (const link of this.#links) await link[Symbol.asyncDispose]();
  }

  async #startMonitor(): Promise<void> {
    const { servers, monitor = {}, flags = [] } = this.#options;
    const backups = ['--backups', `${Math.max(servers.length - 1, 1)}`];
    this.#monitorProcess = new CommandProcess('monitor', '--new', '--listen', '0', ...backups, ...flags);
    const address = await this.#monitorProcess.address();
    this.#near = new MonitorClient({ monitors: address });
    const link = this.#link(monitor);
    link.leadTo(address);
    this.monitor = await link.listen();
  }

  #link(options: SlowLinkOptions): SlowLink {
    const link = new SlowLink(options);
    this.#links.push(link);
    return link;
  }
}

/** A cluster whose processes the benchmark starts itself: each can be killed, and asked for its memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UnderstudyError } from '@understudy/rpc';
import { MonitorClient, type View } from '@understudy/sysmonitor';
import { Understudy } from './processes.ts';

export interface DirectOptions {
  readonly servers: number;
  /** Backups that the view should have; 1 unless set. */
  readonly backups?: number;
  /** More arguments for each server. */
  readonly serverArgs?: readonly string[];
  /** The same for the monitor. */
  readonly monitorArgs?: readonly string[];
  /** Flags of Node, for all. */
  readonly flags?: readonly string[];
}

export class DirectCluster implements AsyncDisposable {
  readonly monitor: string;
  readonly monitorProcess: Understudy;
  readonly #options: DirectOptions;
  readonly #servers = new Map<string, Understudy>();
  readonly #client: MonitorClient;

  private constructor(options: DirectOptions, monitorProcess: Understudy, monitor: string) {
    this.#options = options;
    this.monitorProcess = monitorProcess;
    this.monitor = monitor;
    this.#client = new MonitorClient({ monitors: monitor });
  }

  /** Its servers listen; `inSync` tells when they follow. */
  static async start(options: DirectOptions): Promise<DirectCluster> {
    const { servers, backups = 1, monitorArgs = [], flags = [] } = options;
    const args = ['monitor', '--new', '--listen', '0', '--backups', String(backups), ...monitorArgs];
    const { process, address } = await Understudy.start(args, flags);
    const cluster = new DirectCluster(options, process, address);
    // One after the other: the first is the primary.
    for (let number = 0; number < servers; number += 1) await cluster.addServer();
    return cluster;
  }

  get servers(): ReadonlyMap<string, Understudy> {
    return this.#servers;
  }

  /** Its address. */
  async addServer(): Promise<string> {
    const { serverArgs = [], flags = [] } = this.#options;
    const args = ['server', '--listen', '0', '--monitor', this.monitor, ...serverArgs];
    const { process, address } = await Understudy.start(args, flags);
    this.#servers.set(address, process);
    return address;
  }

  serverAt(address: string): Understudy {
    const server = this.#servers.get(address);
    if (server === undefined) throw new Error(`no process is known at ${address}`);
    return server;
  }

  /** Ends it as a crash would, for good. */
  async removeServer(address: string): Promise<void> {
    const server = this.serverAt(address);
    this.#servers.delete(address);
    await this.#end(server);
  }

  /** The view, once it is acknowledged and so many backups hold all the data, none of them still catching up. */
  async inSync(backups: number): Promise<View> {
    for (;;) {
      const { view, acknowledged } = await this.#status();
      if (acknowledged && view.viewnum > 0 && view.backups.length === backups && view.syncing.length === 0) return view;
      await sleep(5);
    }
  }

  /** A monitor that is too busy to answer in time is asked again; one that is gone fails the run. */
  async #status(): ReturnType<MonitorClient['status']> {
    for (;;) {
      try {
        return await this.#client.status();
      } catch (error) {
        if (!(error instanceof UnderstudyError && error.name === 'TIMEOUT')) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await Promise.all([this.monitorProcess, ...this.#servers.values()].map((one) => this.#end(one)));
  }

  /** Whoever writes a profile does so when it ends by itself. */
  async #end(one: Understudy): Promise<void> {
    if (!this.#options.flags?.includes('--cpu-prof')) one.signal('SIGKILL');
    await one[Symbol.asyncDispose]();
  }
}

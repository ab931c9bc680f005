/** A whole cluster over real sockets in this process: a monitor, servers that come and go, clients; each with a transport of its own. */
import { KVClient, type KVClientOptions, type Server, type ServerNotice, startServer } from '@understudy/kvservice';
import { realWorld, type Transport, type World } from '@understudy/rpc';
import { type Monitor, startMonitor } from '@understudy/sysmonitor';
import { SeededRandom } from '@understudy/testkit';
import { FaultyTransport } from './faulty-transport.ts';
import { NetworkFaults } from './network-faults.ts';

export interface LoopbackClusterOptions {
  readonly backups: number;
  readonly pingIntervalMs: number;
  readonly deadPings: number;
}

interface Running {
  readonly server: Server;
  readonly transport: Transport;
}

/** The monitor's name. */
const MONITOR = 'm';

export class LoopbackCluster {
  readonly faults = new NetworkFaults(new SeededRandom('loopback'));
  /** Why servers stopped that nobody had asked to. */
  readonly failures: string[] = [];
  readonly #options: LoopbackClusterOptions;
  readonly #servers = new Map<string, Running>();
  readonly #clients: KVClient[] = [];
  readonly #transports = new Map<string, Transport>();
  #monitor: Monitor | undefined;

  constructor(options: LoopbackClusterOptions) {
    this.#options = options;
  }

  async startMonitor(): Promise<void> {
    const { backups, pingIntervalMs: pingInterval, deadPings } = this.#options;
    const world = this.#worldOf(MONITOR);
    const listen = '127.0.0.1:0';
    this.#monitor = await startMonitor({ listen, newCluster: true, backups, pingInterval, deadPings, world });
    this.faults.name(MONITOR, this.#monitor.address);
  }

  /** At the address of the former server of this name. */
  async startServer(name: string): Promise<void> {
    const { pingIntervalMs: pingInterval, deadPings } = this.#options;
    const transport = this.#transportOf(name);
    const server = await startServer({
      listen: this.faults.addressOf(name) ?? '127.0.0.1:0',
      monitors: this.monitor.address,
      pingInterval,
      deadPings,
      world: { ...realWorld(), transport },
      onNotice: (notice) => this.#note(name, notice),
    });
    this.faults.name(name, server.address);
    this.#servers.set(name, { server, transport });
  }

  /** As near to `kill -9` as one process comes. */
  async crash(name: string): Promise<void> {
    const running = this.#servers.get(name);
    if (running === undefined) return;
    this.#servers.delete(name);
    await running.server.kill();
    await running.transport.close();
  }

  server(name: string): Server {
    const running = this.#servers.get(name);
    if (running === undefined) throw new Error(`server ${name} does not run`);
    return running.server;
  }

  client(name: string, options: Partial<KVClientOptions> = {}): KVClient {
    const { pingIntervalMs: pingInterval } = this.#options;
    const client = new KVClient({
      monitors: this.monitor.address,
      pingInterval,
      world: this.#worldOf(name),
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** Of a client, or of the monitor: the same each time. */
  transport(name: string): Transport {
    let transport = this.#transports.get(name);
    if (transport === undefined) {
      transport = this.#transportOf(name);
      this.#transports.set(name, transport);
    }
    return transport;
  }

  get monitor(): Monitor {
    if (this.#monitor === undefined) throw new Error('the monitor does not run');
    return this.#monitor;
  }

  get serverNames(): readonly string[] {
    return [...this.#servers.keys()];
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await Promise.all(this.serverNames.map((name) => this.crash(name)));
    await this.#monitor?.close();
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }

  #worldOf(name: string): World {
    return { ...realWorld(), transport: this.transport(name) };
  }

  #transportOf(process: string): Transport {
    return new FaultyTransport({ inner: realWorld().transport, process, faults: this.faults });
  }

  #note(name: string, notice: ServerNotice): void {
    if (notice.kind === 'stopped' && notice.reason !== '') this.failures.push(`${name}: ${notice.reason}`);
  }
}

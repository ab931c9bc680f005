/** A whole cluster in a simulated world: a monitor, servers that come and go, clients; each a process of its own. */
import {
  KVClient,
  type KVClientOptions,
  type Server,
  type ServerNotice,
  type ServerOptions,
  startServer,
} from '@understudy/kvservice';
import { type Monitor, type MonitorOptions, startMonitor, type View } from '@understudy/sysmonitor';
import { SimulatedWorld } from '@understudy/testkit';

export interface SimulatedClusterOptions {
  readonly seed: number | string;
  /** Names; each is the name of its process, and listens at `name:1`. */
  readonly servers: readonly string[];
  readonly backups?: number;
  readonly monitor?: Partial<MonitorOptions>;
  readonly server?: Partial<ServerOptions>;
  readonly client?: Partial<KVClientOptions>;
}

/** Of the monitor, and so of every server that follows it. */
export const MONITOR = 'm:1';

export class SimulatedCluster {
  readonly world: SimulatedWorld;
  readonly servers = new Map<string, Server>();
  /** Why servers stopped that nobody had asked to. */
  readonly failures: string[] = [];
  /** How often each thing has happened, at all servers that have ended. */
  readonly counters: Record<string, number> = {};
  readonly #options: SimulatedClusterOptions;
  readonly #clients: KVClient[] = [];
  #monitor: Monitor | undefined;

  /** To be used within `cluster.world.run(async () => { await cluster.start(); ... })`. */
  constructor(options: SimulatedClusterOptions) {
    this.#options = options;
    this.world = new SimulatedWorld({ seed: options.seed });
  }

  /** Starts monitor and servers, one after the other in view, and waits until the view is full and acknowledged. */
  async start(): Promise<void> {
    await this.startMonitor({ newCluster: true });
    for (const name of this.#options.servers) {
      await this.startServer(name);
      const place = this.servers.size;
      const wanted = Math.min(place, 1 + (this.#options.backups ?? 1));
      await this.until(() => this.inSync && this.members.length === wanted, `${wanted} servers in sync`);
    }
  }

  async startMonitor(options: Partial<MonitorOptions> = {}): Promise<Monitor> {
    const { backups = 1, monitor } = this.#options;
    const { world } = this.world.process('m');
    this.#monitor = await startMonitor({ listen: MONITOR, backups, world, ...monitor, ...options });
    return this.#monitor;
  }

  /** The monitor's process dies and starts again without any state. */
  async restartMonitor(options: Partial<MonitorOptions> = {}): Promise<Monitor> {
    this.world.process('m').restart();
    return this.startMonitor(options);
  }

  async startServer(name: string, options: Partial<ServerOptions> = {}): Promise<Server> {
    const process = this.world.process(name);
    const world = process.alive ? process.world : process.restart();
    const given = { ...this.#options.server, ...options };
    const onNotice = (notice: ServerNotice) => {
      this.#note(name, notice);
      given.onNotice?.(notice);
    };
    const server = await startServer({ listen: `${name}:1`, monitors: MONITOR, world, ...given, onNotice });
    this.servers.set(name, server);
    return server;
  }

  /** `kill -9`. */
  crash(name: string): void {
    this.#count(name);
    this.world.process(name).crash();
    this.servers.delete(name);
  }

  /** `kill -9`, and a new, empty run of the same server at once. */
  async restart(name: string, options: Partial<ServerOptions> = {}): Promise<Server> {
    this.crash(name);
    return this.startServer(name, options);
  }

  server(name: string): Server {
    const server = this.servers.get(name);
    if (server === undefined) throw new Error(`server ${name} does not run`);
    return server;
  }

  client(name = 'client', options: Partial<KVClientOptions> = {}): KVClient {
    const { world } = this.world.process(name);
    const client = new KVClient({ monitors: MONITOR, world, ...this.#options.client, ...options });
    this.#clients.push(client);
    return client;
  }

  get monitor(): Monitor {
    if (this.#monitor === undefined) throw new Error('the monitor does not run');
    return this.#monitor;
  }

  get view(): View {
    return this.monitor.view;
  }

  /** The primary's name, "" when there is none. */
  get primary(): string {
    return nameOf(this.view.primary);
  }

  get backups(): readonly string[] {
    return this.view.backups.map(nameOf);
  }

  get members(): readonly string[] {
    return this.view.primary === '' ? [] : [this.primary, ...this.backups];
  }

  /** The view is acknowledged: every member holds the data. */
  get inSync(): boolean {
    const { primary, viewnum, syncing } = this.view;
    if (primary === '' || syncing.length > 0) return false;
    const status = this.servers.get(this.primary)?.status();
    return status?.view.viewnum === viewnum && status.role === 'primary' && status.ready;
  }

  async until(predicate: () => boolean, what: string, limitMs = 10_000): Promise<void> {
    await this.world.runUntil(predicate, { what, limitMs });
  }

  /** Everything that was started, ended properly. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    for (const name of this.servers.keys()) this.#count(name);
    await Promise.all([...this.servers.values()].map((server) => server.kill()));
    await this.#monitor?.close();
  }

  /** What must not be there after `close()`: defects, servers that stopped by themselves, and what was not put away. */
  get untidiness(): readonly string[] {
    const defects = this.world.network.defects.map(({ process, method, error }) => `${process} ${method}: ${error}`);
    const living = this.world.processes.filter(({ alive }) => alive);
    const leftovers = living.flatMap(({ name, leftovers: { timers, calls, listeners } }) =>
      timers + calls + listeners.length === 0 ? [] : [`${name}: ${timers} timers, ${calls} calls, ${listeners}`],
    );
    return [...this.failures, ...defects, ...leftovers];
  }

  #count(name: string): void {
    const counters = this.servers.get(name)?.status().counters ?? {};
    for (const [what, count] of Object.entries(counters)) this.counters[what] = (this.counters[what] ?? 0) + count;
  }

  #note(name: string, notice: ServerNotice): void {
    if (notice.kind === 'stopped' && notice.reason !== '') this.failures.push(`${name}: ${notice.reason}`);
  }
}

function nameOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

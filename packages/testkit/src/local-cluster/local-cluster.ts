/** A local cluster: a monitor and servers in this process, connected by sockets on the loopback interface. */
import { KVClient, type KVClientOptions, type Server, startServer } from '@understudy/kvservice';
import { type Address, RealClock, UnderstudyError } from '@understudy/rpc';
import { type Monitor, startMonitor, type View } from '@understudy/sysmonitor';
import type { Cluster, ClusterServer, Who } from './cluster.ts';
import { ClusterDirectory } from './cluster-directory.ts';
import { type ClusterOptions, type ClusterSettings, settingsOf, timeoutOf } from './options.ts';
import { Seat } from './seat.ts';
import { inWords, isInSync, newestView, type Situation } from './situation.ts';
import { clusterClosed, Waits } from './waits.ts';

/**
 * Starts a cluster on free ports of 127.0.0.1. Resolves once its view is full and acknowledged, so that any member may
 * be killed. Rejects with INVALID_PARAMS, which names the option, if an option is wrong, and with TIMEOUT. Nothing is
 * left running then.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = new LocalCluster(settingsOf(options));
  try {
    await cluster.start();
  } catch (error) {
    // If servers stopped by themselves, `error` reports that too.
    await cluster.close().catch(() => {});
    throw error;
  }
  return cluster;
}

interface ServerStart {
  readonly listen: Address;
  /** Counts from 0, in the order of the first starts. */
  readonly place: number;
  readonly seat: Seat<Server>;
}

class LocalCluster implements Cluster {
  readonly #settings: ClusterSettings;
  readonly #directory: ClusterDirectory | undefined;
  readonly #waits = new Waits(new RealClock());
  readonly #monitor: Seat<Monitor>;
  readonly #servers: Seat<Server>[] = [];
  readonly #clients = new Set<KVClient>();
  /** Why servers stopped that were not asked to. */
  readonly #failures: string[] = [];
  #hasView = false;
  #closed: Promise<void> | undefined;

  constructor(settings: ClusterSettings) {
    const { dataDir } = settings;
    this.#settings = settings;
    this.#directory = dataDir === undefined ? undefined : new ClusterDirectory(dataDir);
    this.#monitor = new Seat({
      address: this.#directory?.before?.monitor,
      launch: (listen) => this.#launchMonitor(listen),
      kill: (monitor) => monitor.close(),
      stop: (monitor) => monitor.close(),
    });
  }

  get monitors(): readonly Address[] {
    return [this.monitor];
  }

  get monitor(): Address {
    return this.#monitor.address;
  }

  get servers(): readonly ClusterServer[] {
    return this.#servers.map(({ address, running }) => ({ address, role: running?.role ?? 'down' }));
  }

  get view(): View {
    return newestView(this.#situation);
  }

  get primary(): Address {
    return this.view.primary;
  }

  get backups(): readonly Address[] {
    return this.view.backups;
  }

  async start(): Promise<void> {
    await this.#monitor.start();
    for (let count = 0; count < this.#settings.servers; count += 1) await this.add();
    await this.waitUntilInSync();
    this.#hasView = true;
  }

  client(options: Omit<KVClientOptions, 'monitors'> = {}): KVClient {
    this.#assertOpen();
    const { timeoutMs, times } = this.#settings;
    const { pingInterval } = times;
    const client = new KVClient({ timeout: timeoutMs, pingInterval, ...options, monitors: this.monitors });
    this.#clients.add(client);
    return client;
  }

  async kill(who: Who): Promise<Address> {
    const seat = this.#runningSeatOf(who);
    await seat.kill();
    return seat.address;
  }

  async stop(who: Who): Promise<Address> {
    const seat = this.#runningSeatOf(who);
    await seat.stop();
    return seat.address;
  }

  async restart(who: Who): Promise<Address> {
    this.#assertOpen();
    const seat = this.#seatOf(who);
    await seat.kill();
    this.#assertOpen();
    await seat.start();
    return seat.address;
  }

  async add(): Promise<Address> {
    this.#assertOpen();
    const place = this.#servers.length;
    const seat: Seat<Server> = new Seat({
      address: this.#directory?.before?.servers[place],
      launch: (listen) => this.#launchServer({ listen, place, seat }),
      kill: (server) => server.kill(),
      stop: (server) => server.close(),
    });
    this.#servers.push(seat);
    try {
      await seat.start();
    } catch (error) {
      this.#servers.splice(this.#servers.indexOf(seat), 1);
      throw error;
    }
    this.#keepAddresses();
    return seat.address;
  }

  async waitUntilInSync(options: { readonly timeoutMs?: number } = {}): Promise<View> {
    this.#assertOpen();
    await this.#waits.until({
      isOver: () => isInSync(this.#situation),
      timeoutMs: timeoutOf(options) ?? this.#settings.timeoutMs,
      what: 'the servers of the view are in sync',
      situation: () => [inWords(this.#situation), ...this.#failures].join('; '),
    });
    return this.view;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #situation(): Situation {
    return { monitor: this.#monitor, servers: this.#servers, backups: this.#settings.backups };
  }

  #launchMonitor(listen: Address): Promise<Monitor> {
    const { backups, times } = this.#settings;
    const { pingInterval, deadPings } = times;
    // A restarted monitor must ask the servers for what it knew (V12), unless its directory holds it.
    const newCluster = !this.#hasView && this.#directory?.before === undefined;
    return startMonitor({
      listen,
      backups,
      newCluster,
      ...(this.#directory !== undefined && { dataDir: this.#directory.monitor }),
      ...(pingInterval !== undefined && { pingInterval }),
      ...(deadPings !== undefined && { deadPings }),
    });
  }

  async #launchServer({ listen, place, seat }: ServerStart): Promise<Server> {
    const { monitors } = this;
    const dataDir = this.#directory?.server(place);
    const server = await startServer({
      listen,
      monitors,
      ...this.#settings.times,
      ...(dataDir !== undefined && { dataDir }),
    });
    void server.ended.then((reason) => {
      seat.vacate(server);
      if (reason !== '') this.#failures.push(`server ${server.address} stopped by itself: ${reason}`);
    });
    return server;
  }

  #keepAddresses(): void {
    this.#directory?.write({ monitor: this.monitor, servers: this.#servers.map(({ address }) => address) });
  }

  #runningSeatOf(who: Who): Seat<Server> | Seat<Monitor> {
    this.#assertOpen();
    const seat = this.#seatOf(who);
    if (seat.running === undefined) throw this.#nobody(`${who} does not run`);
    return seat;
  }

  #seatOf(who: Who): Seat<Server> | Seat<Monitor> {
    if (who === 'monitor' || who === this.monitor) return this.#monitor;
    const { primary, backups } = this.view;
    const candidates = who === 'primary' ? [primary] : who === 'backup' ? backups : [who];
    const seats = this.#servers.filter(({ address }) => candidates.includes(address));
    const seat = seats.find(({ running }) => running !== undefined) ?? seats[0];
    if (seat === undefined) throw this.#nobody(`who: there is no ${who}`);
    return seat;
  }

  #nobody(message: string): UnderstudyError {
    return new UnderstudyError('INVALID_PARAMS', `${message}; ${inWords(this.#situation)}`, { data: { field: 'who' } });
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw clusterClosed();
  }

  async #close(): Promise<void> {
    this.#waits.close();
    await Promise.all([...this.#clients].map((client) => client.close()));
    await Promise.all(this.#servers.map((seat) => seat.kill()));
    await this.#monitor.kill();
    if (this.#failures.length > 0) throw new UnderstudyError('INTERNAL_ERROR', this.#failures.join('; '));
  }
}

/** One scenario: a cluster in a simulated world, clients at work, and everything that must hold whatever happens. */
import type { KVClient, KVClientOptions, Server, ServerOptions } from '@understudy/kvservice';
import type { Params } from '@understudy/rpc';
import type { Monitor, MonitorOptions } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { SimulatedCluster, type SimulatedClusterOptions } from '../../support/cluster/simulated-cluster.ts';
import { Chronicle } from './chronicle.ts';
import { Ledger } from './ledger.ts';
import { Probe, type ProbeOptions } from './probe.ts';
import { Traffic } from './traffic.ts';

export interface SceneOptions extends SimulatedClusterOptions {
  /** The whole scenario must be over in this many virtual milliseconds. */
  readonly limitMs?: number;
}

/** Set it to anything, and every scenario plays on other dice. */
const VARIANT = process.env.SCENARIO_VARIANT ?? '';

/** Starts the cluster, lets the scenario happen, heals what it broke, and judges. */
export async function play(options: SceneOptions, scenario: (scene: Scene) => Promise<void>): Promise<void> {
  const seed = `${options.seed}${VARIANT}`;
  const scene = new Scene({ ...options, seed });
  try {
    await scene.world.run(
      async () => {
        await scene.start();
        await scenario(scene);
        await scene.end();
      },
      { limitMs: options.limitMs ?? 120_000 },
    );
  } catch (error) {
    const [first = '', ...rest] = (error as Error).message.split('\n');
    (error as Error).message = [`${first} (seed ${seed})`, ...rest, 'views:', scene.chronicle.describe()].join('\n');
    throw error;
  }
}

export class Scene extends SimulatedCluster {
  readonly ledger = new Ledger();
  readonly chronicle = new Chronicle();
  #traffic: Traffic | undefined;
  #probes: Probe[] = [];
  #checksState = true;

  override startMonitor(options: Partial<MonitorOptions> = {}): Promise<Monitor> {
    return super.startMonitor({
      onNotice: (notice) => this.chronicle.hearMonitor(notice, this.world.now),
      ...options,
    });
  }

  override startServer(name: string, options: Partial<ServerOptions> = {}): Promise<Server> {
    return super.startServer(name, {
      onNotice: (notice) => this.chronicle.hearServer({ at: this.world.now, server: name, notice }),
      ...options,
    });
  }

  /** `kill -9` and a blank start; what the promise waits for may be long in coming, so a scenario need not await it. */
  restartBlank(name: string, options: Partial<ServerOptions> = {}): void {
    void this.restart(name, options);
  }

  /** Clients that are busy until the end of the scenario. */
  busy({ clients = ['c1', 'c2'], thinkMs = 15, lanes = 1, options = {} }: BusyOptions = {}): Traffic {
    const { world, ledger } = this;
    const named = new Map<string, KVClient>(clients.map((name) => [name, this.client(name, options)]));
    this.#traffic = new Traffic({ world, ledger, clients: named, thinkMs, lanes });
    return this.#traffic;
  }

  probe(options: ProbeOptions): Probe {
    const probe = new Probe(this, options);
    this.#probes.push(probe);
    return probe;
  }

  /** A raw call, from a process of its own unless said otherwise. */
  async call(
    server: string,
    method: string,
    params: object,
    { from = 'probe', timeoutMs = 1_000 }: { readonly from?: string; readonly timeoutMs?: number } = {},
  ): Promise<Params> {
    const { transport } = this.world.process(from).world;
    return (await transport.call(`${server}:1`, method, params, { timeoutMs })) as Params;
  }

  /** Appends through a client, and writes it down. */
  async append(client: KVClient, key: string, who = 't'): Promise<string> {
    const token = this.ledger.token(who);
    this.ledger.register(key).begins('append', token, this.world.now);
    await client.append(key, token);
    this.ledger.register(key).ends('append', token, this.world.now, '');
    this.ledger.acknowledged(this.world.now);
    return token;
  }

  /** Reads through a client, and writes it down. */
  async read(client: KVClient, key: string): Promise<string> {
    const token = this.ledger.token('r');
    this.ledger.register(key).begins('get', token, this.world.now);
    const value = (await client.get(key)) ?? '';
    this.ledger.register(key).ends('get', token, this.world.now, value);
    return value;
  }

  /** Waits until writes are acknowledged again; fails if that takes longer. */
  async resumes(withinMs: number): Promise<void> {
    const before = this.ledger.writes;
    await this.until(() => this.ledger.writes > before, 'a write to be acknowledged', withinMs);
  }

  /** Waits until the view has so many members, all in sync. */
  async full(members: number, withinMs = 10_000): Promise<void> {
    await this.until(() => this.inSync && this.members.length === members, `${members} servers in sync`, withinMs);
  }

  /** Waits until the monitor has heard of the present run of that server. */
  async heard(name: string): Promise<void> {
    const run = () => this.server(name).status().incarnation;
    const known = () => this.monitor.status().servers.find(({ server }) => server === `${name}:1`)?.incarnation;
    await this.until(() => known() === run(), `the monitor to hear of ${name}`, 1_000);
  }

  /** A scenario that ends with the service down by design has nothing to read at its end. */
  standsStill(): void {
    this.#checksState = false;
  }

  /** Ends every fault, waits for the service, reads everything back, closes everything, and judges. */
  async end(): Promise<void> {
    const probes = this.#probes.map((probe) => probe.stop());
    this.world.network.calm();
    for (const process of this.world.processes) if (process.paused) process.resume();
    if (this.#checksState) {
      await this.#finish();
      await this.#readEverything();
    }
    await Promise.all(probes);
    await this.close();
    // What servers had sent each other ends by its own deadline.
    await this.world.runFor(1_000);
    this.#judge();
  }

  async #finish(): Promise<void> {
    if (this.#traffic === undefined) return;
    await this.world.runUntilSettled(this.#traffic.stop(), {
      what: 'every operation to have its answer once everything was healed',
      limitMs: 30_000,
    });
  }

  async #readEverything(): Promise<void> {
    const client = this.client('reader', { timeout: 20_000 });
    for (const key of this.ledger.logs) await this.read(client, key);
    for (const [key, value] of this.ledger.written) expect(await client.get(key), `${key} is there`).to.equal(value);
  }

  #judge(): void {
    this.ledger.check();
    this.chronicle.check();
    expect(this.world.network.defects, 'defects').to.deep.equal([]);
    for (const { name, alive, leftovers } of this.world.processes) {
      const { timers, calls, listeners } = leftovers;
      if (alive) expect({ timers, calls, listeners }, `left over in ${name}`).to.deep.equal(NOTHING);
    }
  }
}

export interface BusyOptions {
  readonly clients?: readonly string[];
  readonly thinkMs?: number;
  readonly lanes?: number;
  readonly options?: Partial<KVClientOptions>;
}

/** Every process keeps on its disk what it must not forget. */
export const WITH_DISKS = { server: { dataDir: 'data' }, monitor: { dataDir: 'data' } } as const;

const NOTHING = { timers: 0, calls: 0, listeners: [] };

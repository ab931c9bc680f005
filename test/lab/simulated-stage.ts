/** The stage in virtual time: a simulated cluster, from one seed. */
import type { KVClient, KVClientOptions, Limits, ServerStatus } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import { DEAD_PINGS, PING_INTERVAL } from '@understudy/sysmonitor';
import { MONITOR, SimulatedCluster } from '../support/cluster/simulated-cluster.ts';
import type { Asked, Choices, Hold, NamedView, Stage } from './stage.ts';

/** Virtual milliseconds that a test may take. */
const LIMIT_MS = 600_000;

export interface VirtualPlay {
  readonly seed: number;
  readonly backups: number;
  /** Of the servers. */
  readonly limits?: Partial<Limits>;
}

/** Plays a test, and fails if it leaves anything behind. Gives how often each thing happened at the servers. */
export async function playInVirtualTime(
  { seed, backups, limits = {} }: VirtualPlay,
  play: (stage: Stage) => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const cluster = new SimulatedCluster({ seed, servers: [], backups, server: { limits } });
  await cluster.world.run(
    async () => {
      await cluster.startMonitor({ newCluster: true });
      await play(new SimulatedStage(cluster));
      await cluster.close();
    },
    { limitMs: LIMIT_MS },
  );
  if (cluster.untidiness.length > 0) throw new Error(`left behind: ${cluster.untidiness.join('; ')}`);
  return cluster.counters;
}

class SimulatedStage implements Stage {
  readonly pingIntervalMs = PING_INTERVAL;
  readonly deadMs = PING_INTERVAL * DEAD_PINGS;
  readonly #cluster: SimulatedCluster;
  #monitorCalls = 0;
  #unreliable: 'nowhere' | 'servers' | 'everywhere' = 'nowhere';

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
    cluster.world.network.intercept(({ kind, address }) => {
      if (kind === 'request' && address === MONITOR) this.#monitorCalls += 1;
      return undefined;
    });
  }

  get now(): number {
    return this.#cluster.world.now;
  }

  get choices(): Choices {
    return this.#cluster.world.random;
  }

  async startServer(name: string): Promise<void> {
    await this.#cluster.startServer(name);
    this.#applyUnreliability();
  }

  async crash(name: string): Promise<void> {
    this.#cluster.crash(name);
  }

  client(name: string, options?: Partial<KVClientOptions>): KVClient {
    return this.#cluster.client(name, options);
  }

  get view(): NamedView {
    const { primary, backups, view } = this.#cluster;
    return { viewnum: view.viewnum, primary, backups };
  }

  get inSync(): boolean {
    return this.#cluster.monitor.status().acknowledged;
  }

  status(name: string): ServerStatus {
    return this.#cluster.server(name).status();
  }

  get monitorCalls(): number {
    return this.#monitorCalls;
  }

  sleep(ms: number): Promise<void> {
    return this.#cluster.world.runFor(ms);
  }

  until(predicate: () => boolean, what: string): Promise<void> {
    return this.#cluster.until(predicate, what);
  }

  unreliable(where: 'servers' | 'everywhere'): void {
    this.#unreliable = where;
    this.#applyUnreliability();
  }

  cutFromMonitor(name: string): void {
    this.#cluster.world.network.cut(name, MONITOR);
  }

  isolate(name: string): void {
    this.cutFromMonitor(name);
    for (const other of this.#cluster.servers.keys()) {
      if (other !== name) this.#cluster.world.network.cut(name, other);
    }
  }

  heal(): void {
    this.#cluster.world.network.heal();
  }

  hold(client: string, server: string): Hold {
    const interceptor = this.#cluster.world.network.intercept(({ kind, from, to }) =>
      kind === 'request' && from === client && to === server ? 'hold' : undefined,
    );
    return {
      get held() {
        return interceptor.held.length;
      },
      release: () => {
        interceptor.remove();
        interceptor.release();
      },
    };
  }

  async ask(client: string, server: string, method: string, params: object, timeoutMs: number): Promise<Asked> {
    const { transport } = this.#cluster.world.process(client).world;
    try {
      return { kind: 'result', result: await transport.call(`${server}:1`, method, params, { timeoutMs }) };
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return { kind: 'failure', name: error.name };
    }
  }

  #applyUnreliability(): void {
    const { network } = this.#cluster.world;
    if (this.#unreliable === 'everywhere') network.unreliable(true);
    if (this.#unreliable === 'servers')
      network.unreliable([...this.#cluster.servers.keys()].map((name) => `${name}:1`));
  }
}

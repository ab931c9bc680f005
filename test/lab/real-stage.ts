/** The stage over real sockets: a loopback cluster, in real time. */
import type { KVClient, KVClientOptions, ServerStatus } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import { SeededRandom } from '@understudy/testkit';
import { LoopbackCluster } from '../support/real-cluster/loopback-cluster.ts';
import type { Asked, Hold, NamedView, Stage } from './stage.ts';

const MONITOR = 'm';
const PING_INTERVAL_MS = 50;
const DEAD_PINGS = 5;
const POLL_MS = 5;
const PATIENCE_MS = 10_000;

export async function playOverSockets(
  { backups }: { readonly backups: number },
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const cluster = new LoopbackCluster({ backups, pingIntervalMs: PING_INTERVAL_MS, deadPings: DEAD_PINGS });
  try {
    await cluster.startMonitor();
    await play(new RealStage(cluster));
  } finally {
    await cluster.close();
  }
  if (cluster.failures.length > 0) throw new Error(`servers stopped: ${cluster.failures.join('; ')}`);
}

class RealStage implements Stage {
  readonly pingIntervalMs = PING_INTERVAL_MS;
  readonly deadMs = PING_INTERVAL_MS * DEAD_PINGS;
  readonly choices = new SeededRandom('real stage');
  readonly #cluster: LoopbackCluster;

  constructor(cluster: LoopbackCluster) {
    this.#cluster = cluster;
  }

  get now(): number {
    return performance.now();
  }

  startServer(name: string): Promise<void> {
    return this.#cluster.startServer(name);
  }

  crash(name: string): Promise<void> {
    return this.#cluster.crash(name);
  }

  client(name: string, options?: Partial<KVClientOptions>): KVClient {
    return this.#cluster.client(name, options);
  }

  get view(): NamedView {
    const { viewnum, primary, backups } = this.#cluster.monitor.view;
    const nameOf = (address: string) => this.#cluster.faults.ownerOf(address);
    return { viewnum, primary: nameOf(primary), backups: backups.map(nameOf) };
  }

  get inSync(): boolean {
    return this.#cluster.monitor.status().acknowledged;
  }

  status(name: string): ServerStatus {
    return this.#cluster.server(name).status();
  }

  get monitorCalls(): number {
    return this.#cluster.faults.callsTo(MONITOR);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async until(predicate: () => boolean, what: string): Promise<void> {
    const endMs = this.now + PATIENCE_MS;
    while (!predicate()) {
      if (this.now > endMs)
        throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}; ${JSON.stringify(this.view)}`);
      await this.sleep(POLL_MS);
    }
  }

  unreliable(where: 'servers' | 'everywhere'): void {
    this.#cluster.faults.isUnreliable = (process) => where === 'everywhere' || process !== MONITOR;
  }

  cutFromMonitor(name: string): void {
    this.#cluster.faults.cut(name, MONITOR);
  }

  isolate(name: string): void {
    this.cutFromMonitor(name);
    for (const other of this.#cluster.serverNames) if (other !== name) this.#cluster.faults.cut(name, other);
  }

  heal(): void {
    this.#cluster.faults.heal();
  }

  hold(client: string, server: string): Hold {
    return this.#cluster.faults.hold(client, server);
  }

  async ask(client: string, server: string, method: string, params: object, timeoutMs: number): Promise<Asked> {
    const address = this.#cluster.faults.addressOf(server) ?? '';
    try {
      const result = await this.#cluster.transport(client).call(address, method, params, { timeoutMs });
      return { kind: 'result', result };
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return { kind: 'failure', name: error.name };
    }
  }
}

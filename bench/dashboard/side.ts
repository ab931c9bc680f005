/** A cluster with a client at full load, and what its processes take for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KVClient } from '@understudy/kvservice';
import { DirectCluster } from '../support/direct-cluster.ts';
import { drive } from '../support/drive.ts';
import { processorSecondsOf } from '../support/processes.ts';

export interface Cost {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Processor time for one operation of monitor, primary and backup together, in microseconds. */
  readonly microseconds: number;
  /** Of the primary alone. */
  readonly primaryMicroseconds: number;
}

const KEYS = Array.from({ length: 10_000 }, (_, number) => `key/${number}`);
/** Shorter than the time between two samples. */
const NOW_AND_THEN_MS = 100;
const VALUE = '.'.repeat(100);

export class Side implements AsyncDisposable {
  readonly #cluster: DirectCluster;
  readonly #kv: KVClient;
  readonly #primaryPid: number;

  private constructor(cluster: DirectCluster, primaryPid: number) {
    this.#cluster = cluster;
    this.#kv = new KVClient({ monitors: cluster.monitor });
    this.#primaryPid = primaryPid;
  }

  /** Monitor, primary and backup, processes of their own, in memory; with the page, or without. */
  static async start({ hasPage }: { readonly hasPage: boolean }): Promise<Side> {
    const args = hasPage ? [] : ['--no-dashboard'];
    const cluster = await DirectCluster.start({ servers: 2, serverArgs: args, monitorArgs: args });
    const { primary } = await cluster.inSync(1);
    return new Side(cluster, cluster.serverAt(primary).pid);
  }

  /** Monitor and servers. */
  get nodes(): readonly string[] {
    return [this.#cluster.monitor, ...this.#cluster.servers.keys()];
  }

  /** At full load. */
  async put(inFlight: number, seconds: number): Promise<Cost> {
    const before = this.#taken();
    const { count, perSecond, p99Ms } = await drive((key) => this.#kv.put(key, VALUE), KEYS, inFlight, seconds);
    const after = this.#taken();
    return {
      perSecond,
      p99Ms,
      microseconds: (1e6 * (after.all - before.all)) / count,
      primaryMicroseconds: (1e6 * (after.primary - before.primary)) / count,
    };
  }

  /** At rest, but for a put now and then, so that each sample has news: the share of one core that all take together. */
  async rest(seconds: number): Promise<number> {
    const [beganMs, before] = [performance.now(), this.#taken()];
    for (let nowMs = beganMs; nowMs < beganMs + 1_000 * seconds; nowMs = performance.now()) {
      await this.#kv.put('now and then', VALUE);
      await sleep(NOW_AND_THEN_MS);
    }
    return (1_000 * (this.#taken().all - before.all)) / (performance.now() - beganMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kv.close();
    await this.#cluster[Symbol.asyncDispose]();
  }

  /** Seconds of the processor. */
  #taken(): { readonly all: number; readonly primary: number } {
    const pids = [this.#cluster.monitorProcess, ...this.#cluster.servers.values()].map(({ pid }) => pid);
    return {
      all: pids.reduce((sum, pid) => sum + processorSecondsOf(pid), 0),
      primary: processorSecondsOf(this.#primaryPid),
    };
  }
}

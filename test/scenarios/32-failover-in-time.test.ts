/**
 * Scenario 32: how long writes stand still when the primary dies. In virtual time every process is as fast as it can
 * be, so the bound is exact: deadPings + 2 ping intervals, as the benchmark of real processes has it (`npm run
 * bench:failover`).
 */
import type { KVClientOptions, ServerOptions } from '@understudy/kvservice';
import { DEAD_PINGS, PING_INTERVAL } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { SimulatedCluster } from '../support/cluster/simulated-cluster.ts';

const BOUND_MS = (DEAD_PINGS + 2) * PING_INTERVAL;
const SEEDS = 20;
const WRITERS = 4;

interface Shape {
  readonly what: string;
  readonly backups: number;
  readonly server: Partial<ServerOptions>;
  readonly client: Partial<KVClientOptions>;
}

const SHAPES: readonly Shape[] = [
  { what: 'one backup', backups: 1, server: {}, client: {} },
  { what: 'two backups, and a write needs one of them', backups: 2, server: { minBackups: 1 }, client: {} },
  { what: 'clients that wait long for an answer', backups: 1, server: {}, client: { tryTimeout: 5_000 } },
];

/**
 * Milliseconds from the death of the primary until every writer has an acknowledgement of a write that was begun after
 * it.
 */
async function resumedAfterMs(seed: number, { backups, server, client }: Shape): Promise<number> {
  const cluster = new SimulatedCluster({ seed, servers: ['a', 'b', 'c'], backups, server, client });
  let resumedMs = 0;
  await cluster.world.run(async () => {
    const { world } = cluster;
    await cluster.start();
    let diedAtMs = Infinity;
    const write = async (writer: string): Promise<void> => {
      const kv = cluster.client(writer);
      for (;;) {
        const begunAtMs = world.now;
        await kv.put(writer, 'value');
        if (begunAtMs > diedAtMs) return void (resumedMs = Math.max(resumedMs, world.now - diedAtMs));
        await world.runFor(1);
      }
    };
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, number) => write(`writer-${number}`)));
    // The seeds die at different moments between two pings.
    await world.runFor(1_000 + (seed * PING_INTERVAL) / SEEDS);
    diedAtMs = world.now;
    cluster.crash(cluster.primary);
    await writing;
    await cluster.close();
  });
  expect(cluster.untidiness).to.deep.equal([]);
  return resumedMs;
}

describe('32: the primary dies, and writes go on in time', function () {
  this.timeout(120_000);

  for (const shape of SHAPES) {
    it(`within ${BOUND_MS} ms, whenever between two pings it dies: ${shape.what}`, async () => {
      const times: number[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) times.push(await resumedAfterMs(seed, shape));
      expect(Math.min(...times), 'no successor before the time of silence, less one interval').to.be.at.least(
        (DEAD_PINGS - 1) * PING_INTERVAL,
      );
      expect(Math.max(...times)).to.be.at.most(BOUND_MS);
    });
  }
});

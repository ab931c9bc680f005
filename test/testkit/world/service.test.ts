/** The whole service runs in the simulated world, and there nothing but the seed decides (D1, D2). */
import { UnderstudyError } from '@understudy/rpc';
import { guardGlobals } from '@understudy/testkit';
import { expect } from 'chai';
import { SimulatedCluster } from '../../support/cluster/simulated-cluster.ts';

/** Clients write and read over a bad network while servers die and return; gives what they saw, and the run's digest. */
async function busyTime(seed: number): Promise<{ readonly digest: string; readonly seen: readonly string[] }> {
  const cluster = new SimulatedCluster({ seed, servers: ['a', 'b', 'c'], client: { timeout: 5_000 } });
  const { world } = cluster;
  const seen: string[] = [];
  await world.run(
    async () => {
      await cluster.start();
      world.network.configure({ drop: 0.02, duplicate: 0.05, reorder: 0.05, straggle: 0.005, reset: 0.005 });
      let going = true;
      const clients = ['x', 'y'].map(async (name) => {
        const kv = cluster.client(name);
        for (let n = 0; going; n++) {
          const outcome = await (n % 3 === 2 ? kv.get('k') : kv.append('k', `${name}${n} `)).then(
            JSON.stringify,
            nameOf,
          );
          seen.push(`${world.now} ${name} ${outcome}`);
          await world.runFor(20);
        }
      });
      for (let round = 0; round < 5; round++) {
        await world.runFor(2_000);
        if (cluster.primary !== '') await cluster.restart(cluster.primary);
      }
      going = false;
      await Promise.all(clients);
      world.network.calm();
      await cluster.close();
    },
    { limitMs: 120_000 },
  );
  return { digest: world.digest, seen };
}

function nameOf(error: unknown): string {
  if (error instanceof UnderstudyError) return error.name;
  throw error;
}

describe('the service in the simulated world', () => {
  it('runs the same for the same seed, and differently for another', async () => {
    const first = await busyTime(1);
    expect(await busyTime(1)).to.deep.equal(first);
    expect((await busyTime(2)).digest).not.to.equal(first.digest);
    expect(first.seen.filter((line) => line.includes('revision')).length).to.be.above(50);
  });

  it('takes time, timers and randomness from there only', async () => {
    using guard = guardGlobals();
    await busyTime(3);
    expect(guard.violations).to.deep.equal([]);
  });
});

/** Two monitors that are not of one state: `/metrics` of every server shows it, and shows when it is over. */
import { startMonitor } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { SimulatedCluster } from '../support/cluster/simulated-cluster.ts';

async function gauges({ world, servers }: SimulatedCluster): Promise<readonly (string | undefined)[]> {
  const pages = [...servers.keys()].map((name) => world.network.page(`${name}:1`, '/metrics'));
  return (await Promise.all(pages)).map(
    (page) => /^understudy_monitors_disagree (\d)$/m.exec(String(page?.body ?? ''))?.[1],
  );
}

describe('the metrics of servers with two monitors', () => {
  it('show that these disagree, and that it is over', async () => {
    const cluster = new SimulatedCluster({ seed: 1, servers: ['a', 'b', 'c'], server: { monitors: 'm:1,n:1' } });
    await cluster.world.run(async () => {
      await cluster.start();
      expect(await gauges(cluster)).to.deep.equal(['0', '0', '0']);
      await startMonitor({ listen: 'n:1', newCluster: true, world: cluster.world.process('n').world });
      await cluster.world.runFor(5_000);
      expect(await gauges(cluster)).to.deep.equal(['1', '1', '1']);
      cluster.world.process('n').crash();
      await cluster.world.runFor(5_000);
      expect(await gauges(cluster)).to.deep.equal(['0', '0', '0']);
      await cluster.close();
    });
  });
});

/** Two monitors that are not of one state: `/metrics` of every server shows it, and shows when it is over. */
import type { KVClientOptions, ServerOptions } from '@understudy/kvservice';
import { NO_VIEW, startMonitor } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { SimulatedCluster } from '../support/cluster/simulated-cluster.ts';

async function gauges({ world, servers }: SimulatedCluster): Promise<readonly (string | undefined)[]> {
  const pages = [...servers.keys()].map((name) => world.network.page(`${name}:1`, '/metrics'));
  return (await Promise.all(pages)).map(
    (page) => /^understudy_monitors_disagree (\d)$/m.exec(String(page?.body ?? ''))?.[1],
  );
}

describe('a server with two monitors', () => {
  for (const state of ['new', 'listening'] as const) {
    it(`joins the cluster that one of them knows, though it is told of a ${state} one first`, async () => {
      const cluster = new SimulatedCluster({ seed: 2, servers: ['a'] });
      await cluster.world.run(async () => {
        await cluster.start();
        const world = cluster.world.process('n').world;
        const other = await startMonitor({ listen: 'n:1', newCluster: state === 'new', world });
        await cluster.startServer('b', { monitors: 'n:1,m:1' });
        await cluster.until(() => cluster.inSync && cluster.backups.includes('b'), 'b to join');
        expect(other.view).to.deep.equal(NO_VIEW);
        await cluster.close();
      });
    });
  }

  it('says which of them it follows', async () => {
    const follows: string[] = [];
    const server: Partial<ServerOptions> = {
      monitors: 'n:1,m:1',
      onNotice: (notice) => {
        if (notice.kind === 'monitors-disagree') follows.push(notice.follows);
      },
    };
    const cluster = new SimulatedCluster({ seed: 3, servers: ['a', 'b'], server });
    await cluster.world.run(async () => {
      await cluster.start();
      await startMonitor({ listen: 'n:1', newCluster: true, world: cluster.world.process('n').world });
      await cluster.world.runFor(5_000);
      expect(follows).to.deep.equal(['m:1', 'm:1']);
      await cluster.close();
    });
  });
});

/** A monitor whose state stays as it is now. */
async function standStill({ world, view }: SimulatedCluster): Promise<void> {
  const told = { ...view };
  const { transport } = world.process('n').world;
  await transport.listen({ address: 'n:1', methods: { 'sysmonitor.view': (_params, reply) => reply.result(told) } });
}

describe('a client with two monitors', () => {
  it('follows the one that the servers follow after a death, as fast as if there were no other', async () => {
    const cluster = new SimulatedCluster({ seed: 4, servers: ['a', 'b'], client: { monitors: 'n:1,m:1' } });
    await cluster.world.run(async () => {
      await cluster.start();
      await standStill(cluster);
      const { world } = cluster;
      const clients = [cluster.client('before'), cluster.client('after')];
      await clients[0]?.put('k', 'v');
      cluster.crash('a');
      const began = world.now;
      for (const client of clients) expect(await client.get('k')).to.equal('v');
      expect(world.now - began, 'milliseconds without service').to.be.below(900);
      await cluster.close();
    });
  });

  it('names them when an operation fails, and tells of it once', async () => {
    const notices: string[] = [];
    const client: Partial<KVClientOptions> = {
      monitors: 'n:1,m:1',
      onNotice: (notice) => {
        if (notice.kind === 'monitors-disagree') notices.push(notice.views);
      },
    };
    const cluster = new SimulatedCluster({ seed: 5, servers: ['a', 'b'], client });
    await cluster.world.run(async () => {
      await cluster.start();
      await standStill(cluster);
      cluster.crash('a');
      await cluster.until(() => cluster.primary === 'b', 'b to take over', 2_000);
      cluster.crash('b');
      const failure = await cluster
        .client()
        .get('k', { timeout: 3_000 })
        .then(String, (error: Error) => error.message);
      expect(failure).to.match(/the monitors disagree: n:1 has view 2.*; m:1 has view 3/);
      expect(notices).to.have.lengthOf(1);
      expect(notices[0]).to.match(/^n:1 has view 2.*; m:1 has view 3/);
      await cluster.close();
    });
  });
});

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

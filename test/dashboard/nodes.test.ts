/** The feeds of a whole cluster in virtual time: what monitor and servers tell those who look. */
import type { Hello, MonitorSample, ServerSample } from '@understudy/dashboard';
import type { ServerStatus } from '@understudy/kvservice';
import type { MonitorStatus } from '@understudy/sysmonitor';
import type { PageReading } from '@understudy/testkit';
import { expect } from 'chai';
import { MONITOR, SimulatedCluster } from '../support/cluster/simulated-cluster.ts';
import { brought } from './events.ts';

async function look(cluster: SimulatedCluster, address: string): Promise<PageReading> {
  const reading = await cluster.world.network.read(address, '/events');
  if (reading === undefined) throw new Error(`no feed at ${address}`);
  return reading;
}

const helloOf = (reading: PageReading): Hello => brought(reading.text, 'hello')[0] as Hello;

describe('the feeds of a cluster', () => {
  const started = (body: (cluster: SimulatedCluster) => Promise<void>) => async () => {
    // So that a newcomer needs a snapshot.
    const server = { limits: { retainedEntries: 10 } };
    const cluster = new SimulatedCluster({ seed: 7, servers: ['a', 'b', 'c'], server });
    await cluster.world.run(async () => {
      await cluster.start();
      await cluster.world.runFor(500);
      await body(cluster);
    });
  };

  it(
    'name each node, and those that it knows',
    started(async (cluster) => {
      const monitor = helloOf(await look(cluster, MONITOR));
      expect([monitor.node, monitor.kind, monitor.monitors]).to.deep.equal(['m:1', 'monitor', ['m:1']]);
      expect(monitor.nodes).to.have.members(['m:1', 'a:1', 'b:1', 'c:1']);
      const server = helloOf(await look(cluster, 'b:1'));
      expect([server.node, server.kind, server.monitors]).to.deep.equal(['b:1', 'server', ['m:1']]);
      expect(server.nodes).to.have.members(['m:1', 'a:1', 'b:1']);
      expect([server.cluster, server.pingIntervalMs, server.deadPings]).to.deep.equal([monitor.cluster, 100, 5]);
      expect(server).not.to.have.property('chaos');
    }),
  );

  it(
    'know idle servers too, once somebody asked for the page; and still when the monitor is dead',
    started(async (cluster) => {
      const nodes = async (): Promise<readonly string[]> => helloOf(await look(cluster, 'a:1')).nodes;
      expect(await nodes()).not.to.include('c:1');
      await cluster.world.network.page('a:1', '/');
      expect(await nodes()).to.have.members(['a:1', 'm:1', 'b:1', 'c:1']);
      cluster.world.process('m').crash();
      await cluster.world.runFor(2_000);
      await cluster.world.network.page('a:1', '/');
      expect(await nodes()).to.have.members(['a:1', 'm:1', 'b:1', 'c:1']);
    }),
  );

  it(
    'tell of a failover as it happens: the monitor with its cause, the heir with its role',
    started(async (cluster) => {
      const [primary = '', backup = ''] = cluster.members;
      const [monitor, heir] = [await look(cluster, MONITOR), await look(cluster, `${backup}:1`)];
      expect(primary).to.equal('a');
      cluster.crash('a');
      await cluster.until(() => cluster.members[0] === backup, 'the backup to take over');
      await cluster.world.runFor(1_000);
      const views = brought(monitor.text, 'notice').filter(({ notice }) => notice.kind === 'view');
      expect(views[0]?.notice).to.have.nested.property('causes[0].kind', 'primary-silent');
      expect(views[0]?.text).to.match(/^view 3: primary b:1, .* - primary a:1 silent for \d+ ms; c:1 joins as backup$/);
      const told = brought(heir.text, 'notice').map(({ notice }) => notice.kind);
      expect(told).to.include.members(['view', 'serving', 'sync-started', 'synced', 'acknowledged']);
      const sample = brought(heir.text, 'sample').at(-1) as ServerSample;
      expect((sample.status as ServerStatus).role).to.equal('primary');
      expect(sample.leaseRemainingMs).to.be.within(0, 200);
      const status = (brought(monitor.text, 'sample').at(-1) as MonitorSample).status as MonitorStatus;
      expect(status.servers.find(({ server }) => server === 'a:1')?.condition).to.equal('silent');
      expect(status).not.to.have.property('history');
      // Whoever comes later hears of it too.
      const late = helloOf(await look(cluster, MONITOR));
      expect(
        late.history.filter(({ notice }) => notice.kind === 'view').map(({ text }) => text.split(':')[0]),
      ).to.deep.equal(['view 1', 'view 2', 'view 3']);
    }),
  );

  it(
    'tell what clients did, and how far a transfer is',
    started(async (cluster) => {
      const kv = cluster.client('someone');
      const reading = await look(cluster, 'a:1');
      for (let key = 0; key < 60; key++) await kv.put(`key-${key}`, 'x'.repeat(20_000));
      await cluster.world.runFor(300);
      const sample = brought(reading.text, 'sample').at(-1) as ServerSample;
      expect(sample.calls.byMethod).to.include({ put: 60, openSession: 1 });
      expect(Object.keys(sample.calls.byMethod)).not.to.include('prepare');
      expect(sample.calls.lately?.perSecond).to.be.greaterThan(0);
      cluster.crash('b');
      await cluster.until(() => cluster.members.includes('c') && cluster.inSync, 'the idle one in sync');
      const notices = brought(reading.text, 'notice').map(({ notice }) => notice.kind);
      const progress = notices.filter((kind) => kind === 'sync-progress').length;
      expect(notices).to.include.members(['backup-lost', 'sync-started', 'synced']);
      expect(progress).to.be.within(1, 10);
    }),
  );

  it(
    'end with their node, and with its death',
    started(async (cluster) => {
      const [left, dead] = [await look(cluster, 'c:1'), await look(cluster, 'b:1')];
      await cluster.servers.get('c')?.close();
      expect(brought(left.text, 'notice').at(-1)?.notice.kind).to.equal('stopped');
      cluster.crash('b');
      expect([left.isOver, dead.isOver]).to.deep.equal([true, true]);
    }),
  );

  it('are not there where they are not wanted', async () => {
    const off = { dashboard: false };
    const cluster = new SimulatedCluster({ seed: 7, servers: ['a', 'b'], server: off, monitor: off });
    await cluster.world.run(async () => {
      await cluster.start();
      for (const address of [MONITOR, 'a:1']) {
        for (const path of ['/', '/dashboard/index.html', '/events']) {
          expect(await cluster.world.network.page(address, path)).to.equal(undefined);
        }
        expect(await cluster.world.network.page(address, '/status')).to.include({ status: 200 });
      }
    });
  });
});

/** What a server says of its monitor: news, and only news. */
import { startMonitor } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { MONITOR, SimulatedCluster } from '../support/cluster/simulated-cluster.ts';

/** What server `s` says of the monitor while `happens` happens. */
async function noticesWhile(
  happens: (cluster: SimulatedCluster) => Promise<void>,
  monitors = MONITOR,
): Promise<readonly string[]> {
  const notices: string[] = [];
  const onNotice = ({ kind }: { readonly kind: string }) => {
    if (kind.startsWith('monitor')) notices.push(kind);
  };
  const cluster = new SimulatedCluster({ seed: 1, servers: ['s'], server: { onNotice, monitors } });
  await cluster.world.run(async () => {
    await cluster.start();
    await happens(cluster);
    await cluster.close();
  });
  return notices;
}

describe('pinger', () => {
  it('says nothing of a ping that is lost while later ones are answered', async () => {
    const notices = await noticesWhile(async ({ world }) => {
      let lost = 0;
      world.network.intercept(({ kind, address }) => {
        const loses = kind === 'request' && address === MONITOR && lost < 2;
        if (loses) lost += 1;
        return loses ? 'drop' : undefined;
      });
      await world.runFor(2_000);
      expect(lost).to.equal(2);
    });
    expect(notices).to.deep.equal([]);
  });

  it('says once that the monitor does not answer, and once that it answers again', async () => {
    const notices = await noticesWhile(async ({ world }) => {
      world.network.cut('s', MONITOR);
      await world.runFor(2_000);
      world.network.heal();
      await world.runFor(2_000);
    });
    expect(notices).to.deep.equal(['monitor-unreachable', 'monitor-answers']);
  });

  it('says once that two monitors disagree, and once that only one of them is left', async () => {
    const notices = await noticesWhile(async ({ world }) => {
      const rival = await startMonitor({ listen: 'rival:1', world: world.process('rival').world });
      await world.runFor(5_000);
      await rival.close();
      await world.runFor(3_000);
    }, `${MONITOR},rival:1`);
    expect(notices).to.deep.equal(['monitors-disagree', 'monitors-agree']);
  });

  it('says nothing of two addresses of one monitor, whatever becomes of the view', async () => {
    const notices = await noticesWhile(async (cluster) => {
      await cluster.startServer('t');
      await cluster.world.runFor(3_000);
      await cluster.servers.get('t')?.kill();
      await cluster.world.runFor(3_000);
    }, `${MONITOR},${MONITOR}`);
    expect(notices).to.deep.equal([]);
  });
});

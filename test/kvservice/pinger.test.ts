/** What a server says of its monitor: news, and only news. */
import { expect } from 'chai';
import { MONITOR, SimulatedCluster } from '../support/cluster/simulated-cluster.ts';

/** What server `s` says of the monitor while `happens` happens. */
async function noticesWhile(happens: (cluster: SimulatedCluster) => Promise<void>): Promise<readonly string[]> {
  const notices: string[] = [];
  const onNotice = ({ kind }: { readonly kind: string }) => {
    if (kind.startsWith('monitor-')) notices.push(kind);
  };
  const cluster = new SimulatedCluster({ seed: 1, servers: ['s'], server: { onNotice } });
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
});

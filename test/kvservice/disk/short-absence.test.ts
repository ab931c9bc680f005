/** A server that was away for a short time is brought what it missed, and no more (R12). */
import { expect } from 'chai';
import { SimulatedCluster } from '../../support/cluster/simulated-cluster.ts';

const AWAY_MS = 10_000;
const PUTS_PER_SECOND = 1_000;

describe('a server that was away for 10 s under 1,000 puts a second', function () {
  this.timeout(120_000);

  it('dies, starts again from its disk, and gets the missing entries alone: no snapshot', async () => {
    const cluster = new SimulatedCluster({ seed: 1, servers: ['a', 'b'], server: { dataDir: 'data' } });
    const { world } = cluster;
    await world.run(
      async () => {
        await cluster.start();
        const kv = cluster.client();
        for (let n = 0; n < 2_000; n++) await kv.put(`before ${n}`, 'x'.repeat(100));
        cluster.crash('b');
        await cluster.until(() => cluster.inSync && cluster.members.length === 1, 'a alone to serve');
        const writes: Promise<unknown>[] = [];
        const put = (n: number) => {
          if (n === (AWAY_MS / 1_000) * PUTS_PER_SECOND) return;
          writes.push(kv.put(`key ${n % 1_000}`, `${n} ${'x'.repeat(100)}`));
          world.at(1_000 / PUTS_PER_SECOND, () => put(n + 1));
        };
        put(0);
        await world.runFor(AWAY_MS);
        await Promise.all(writes);
        expect(writes).to.have.length(10_000);

        const before = cluster.server('a').status().counters;
        await cluster.startServer('b');
        await cluster.until(() => cluster.inSync && cluster.members.length === 2, 'both to be in sync again');
        const { counters, backups, commitIndex } = cluster.server('a').status();
        const since = (name: string) => (counters[name] ?? 0) - (before[name] ?? 0);
        expect([since('catchUpsByEntries'), since('transfersStarted')]).to.deep.equal([1, 0]);
        expect(backups.map(({ server, verified }) => [server, verified])).to.deep.equal([['b:1', commitIndex]]);

        cluster.crash('a');
        expect(await kv.get('key 999')).to.equal(`9999 ${'x'.repeat(100)}`);
        expect(await kv.get('before 1999')).to.equal('x'.repeat(100));
        await cluster.close();
      },
      { limitMs: 120_000 },
    );
    expect(cluster.untidiness).to.deep.equal([]);
  });
});

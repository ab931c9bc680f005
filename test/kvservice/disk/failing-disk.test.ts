/** A disk that fails while its server serves: the server stops, and nothing acknowledged is lost (R9). */
import { expect } from 'chai';
import { SimulatedCluster } from '../../support/cluster/simulated-cluster.ts';

describe('a server whose disk fails', () => {
  for (const [what, who] of [
    ['the primary', 'a'],
    ['a backup', 'b'],
  ] as const) {
    for (const fault of ['input/output error', 'no space left on device'] as const) {
      it(`${what}, ${fault}: it stops and says why, the other serves on, and what was acknowledged is there`, async () => {
        const cluster = new SimulatedCluster({
          seed: `${who} ${fault}`,
          servers: ['a', 'b'],
          server: { dataDir: 'data' },
        });
        const { world } = cluster;
        await world.run(async () => {
          await cluster.start();
          const client = cluster.client();
          const { ended } = cluster.server(who);
          const { disk } = world.process(who);
          world.at(60, () => (fault === 'input/output error' ? disk.failNextWrite() : disk.fill()));
          const acknowledged: string[] = [];
          for (let n = 0; n < 60; n++) {
            await client.append('log', `<${n}>`);
            acknowledged.push(`<${n}>`);
            await world.runFor(5);
          }
          expect(await ended).to.equal(`disk: the disk failed at data: ${fault}`);
          const other = who === 'a' ? 'b' : 'a';
          expect([cluster.primary, cluster.members]).to.deep.equal([other, [other]]);
          expect(await client.get('log')).to.equal(acknowledged.join(''));
          expect(disk.open, 'it has let go of its directory').to.deep.equal([]);

          // With a disk that does what it should it comes back.
          disk.calm();
          cluster.servers.delete(who);
          await cluster.startServer(who);
          await cluster.until(() => cluster.inSync && cluster.members.length === 2, 'both to be in sync again');
          cluster.crash(other);
          expect(await client.get('log')).to.equal(acknowledged.join(''));
          await cluster.close();
        });
        expect(cluster.untidiness).to.deep.equal([`${who}: disk: the disk failed at data: ${fault}`]);
      });
    }
  }

  it('alone: the write that it could not keep is not acknowledged, and all that were are found again', async () => {
    const cluster = new SimulatedCluster({ seed: 'alone', servers: ['a'], backups: 0, server: { dataDir: 'data' } });
    const { world } = cluster;
    await world.run(async () => {
      await cluster.start();
      const client = cluster.client('client', { timeout: 1_000 });
      await client.append('log', '<1>');
      const { ended } = cluster.server('a');
      world.process('a').disk.failNextWrite();
      const outcome = await client.append('log', '<2>').then(
        () => 'acknowledged',
        () => 'failed',
      );
      expect(outcome).to.equal('failed');
      expect(await ended).to.match(/^disk: /);
      cluster.servers.delete('a');
      await cluster.startServer('a');
      await cluster.until(() => cluster.inSync, 'the server to serve again');
      // Whether the write that failed was kept all the same is the disk's to say.
      expect(await client.get('log')).to.be.oneOf(['<1>', '<1><2>']);
      await cluster.close();
    });
    expect(cluster.untidiness).to.deep.equal(['a: disk: the disk failed at data: input/output error']);
  });
});

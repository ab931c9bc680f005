/** What sessions remember of large values is bounded, and whoever repeats an operation is told the truth (S9). */
import { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { SimulatedCluster } from '../support/cluster/simulated-cluster.ts';

const MIB = 1024 * 1024;

describe('values in remembered results, in a cluster (S9)', () => {
  it('a session that never confirms costs no more than its bound, and its repeats get the first answer, after a failover too', async () => {
    const cluster = new SimulatedCluster({ seed: 1, servers: ['a', 'b'] });
    await cluster.world.run(async () => {
      await cluster.start();
      await cluster.client().put('k', 'v'.repeat(MIB));
      const { transport } = cluster.world.process('hostile').world;
      const call = (to: string, method: string, params: object) =>
        transport.call(to, method, params, { timeoutMs: 5_000 });
      const { session } = (await call('a:1', 'kv.openSession', { client: 'hostile' })) as { session: string };
      const ask = (to: string, seq: number) =>
        call(to, 'kv.cas', { key: 'k', expected: 'other', value: 'x', session, seq, acked: 0 }).catch(
          (error: UnderstudyError) => `${error.name}, definite: ${error.definite}`,
        );
      const first = (await ask('a:1', 1)) as { current: string };
      expect(first.current).to.have.lengthOf(MIB);
      for (let seq = 2; seq <= 4; seq++) expect(await ask('a:1', seq)).to.include({ swapped: false });
      for (let seq = 5; seq <= 30; seq++) expect(await ask('a:1', seq)).to.equal('OVERLOADED, definite: true');
      expect(cluster.server('a').status().rememberedResults, 'results of all sessions').to.be.below(10);
      cluster.crash('a');
      await cluster.until(() => {
        const { role, ready } = cluster.server('b').status();
        return role === 'primary' && ready;
      }, 'b to serve');
      expect(await ask('b:1', 1)).to.deep.equal(first);
      expect(await ask('b:1', 9)).to.equal('OVERLOADED, definite: true');
      await cluster.close();
    });
    expect(cluster.untidiness).to.deep.equal([]);
  }).timeout(60_000);

  it('a client with more such results under way than its session may hold gets them all', async () => {
    const cluster = new SimulatedCluster({ seed: 2, servers: ['a', 'b'] });
    await cluster.world.run(async () => {
      await cluster.start();
      const kv = cluster.client();
      const value = 'v'.repeat(MIB / 2);
      for (let key = 0; key < 20; key++) await kv.put(`k${key}`, value);
      const previous = await Promise.all(Array.from({ length: 20 }, (_, key) => kv.putHash(`k${key}`, 'x')));
      expect(previous.every((text) => text === value)).to.equal(true);
      await cluster.close();
    });
    expect(cluster.untidiness).to.deep.equal([]);
  }).timeout(60_000);
});

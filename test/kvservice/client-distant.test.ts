/** Clients that are far away: round trips longer than a near server's time for an answer, in the simulated world. */
import { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { ScriptedCluster, withCluster } from './client-cluster.ts';

/** Every message takes so long, each way. */
async function distant(oneWayMs: number, story: (cluster: ScriptedCluster) => Promise<void>): Promise<void> {
  await withCluster(async (cluster) => {
    cluster.world.network.configure({ latencyMs: oneWayMs, jitterMs: 0 });
    await story(cluster);
  });
}

describe('client: far away', () => {
  for (const oneWayMs of [260, 300, 1_000, 3_000]) {
    it(`with ${oneWayMs} ms each way everything gets its answer, and soon nothing is sent twice`, () =>
      distant(oneWayMs, async (cluster) => {
        const kv = cluster.client();
        if (oneWayMs <= 300) expect((await kv.updateView()).primary).to.equal('a:1');
        await kv.put('first', 'v');
        for (let i = 0; i < 10; i++) await kv.put(`k${i}`, 'v');
        expect(await kv.get('k1')).to.equal('v');
        const before = cluster.asked.length;
        for (let i = 0; i < 10; i++) await kv.put(`l${i}`, 'v');
        await Promise.all([kv.get('l1'), kv.get('l2'), kv.append('l3', 'w')]);
        for await (const _ of kv.scan({ prefix: 'l' }));
        expect(cluster.asked.length - before).to.equal(14);
        expect(cluster.of('kv.put').filter(({ params }) => params.key === 'first').length).to.be.at.most(3);
        await kv.updateView();
        await kv.close();
      }));
  }

  it('a late answer to an earlier try counts, and no other try is made once it is here', () =>
    distant(300, async (cluster) => {
      const kv = cluster.client({ view: cluster.view });
      const before = cluster.world.now;
      expect(await kv.get('k')).to.equal(undefined);
      expect(cluster.world.now - before).to.equal(600);
      await cluster.world.runFor(5_000);
      expect(cluster.of('kv.get').length).to.be.at.most(2);
      await kv.close();
    }));

  it('the time after which the caller gives up is kept all the same, and the error names the round trip', () =>
    distant(300, async (cluster) => {
      const kv = cluster.client();
      await kv.get('k');
      const before = cluster.world.now;
      const failure = await kv.put('k', 'v', { timeout: 550 }).catch((error) => error);
      expect(failure).to.be.instanceOf(UnderstudyError).and.include({ name: 'TIMEOUT' });
      expect(cluster.world.now - before).to.be.closeTo(550, 1);
      expect(failure.message).to.match(/a round trip to a:1 takes about 600 ms/);
      await kv.close();
    }));

  it('a notice of a slow try names the round trip, once one was measured', () =>
    distant(300, async (cluster) => {
      const kv = cluster.client({ view: cluster.view });
      await kv.get('k');
      cluster.script = () => ({ hang: true });
      const ending = kv.get('k', { timeout: 8_000 }).catch((error) => error);
      await ending;
      expect(cluster.noticed('retry').at(-1)?.message).to.match(/no answer within \d+ ms; a round trip to a:1 takes/);
      await kv.close();
    }));

  it('a server that hangs is left as soon as the monitor names another, as a near client leaves it', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.script = ({ server }) => (server === 'a:1' ? { hang: true } : undefined);
      const before = cluster.world.now;
      cluster.world.at(600, () => cluster.promote('b:1'));
      await kv.put('k', '2');
      expect(cluster.world.now - before).to.be.below(1_200);
      await kv.close();
    }));

  it('a request that hangs is sent again after longer and longer pauses, while the monitor is asked as before', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.script = () => ({ hang: true });
      const [tries, questions] = [cluster.of('kv.put').length, cluster.questions.length];
      await kv.put('k', '2', { timeout: 20_000 }).catch(() => {});
      expect(cluster.of('kv.put').length - tries).to.be.within(6, 14);
      expect(cluster.questions.length - questions).to.be.within(20, 80);
      await kv.close();
    }));
});

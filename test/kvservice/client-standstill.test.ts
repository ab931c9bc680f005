import type { ClientNotice } from '@understudy/kvservice';
import { expect } from 'chai';
import { failureOf, type ScriptedCluster, withCluster } from './client-cluster.ts';

type Waiting = Extract<ClientNotice, { readonly kind: 'waiting' }>;

function waitingOf(cluster: ScriptedCluster): readonly Waiting[] {
  return cluster.notices.filter((notice) => notice.kind === 'waiting');
}

describe('client: a wait without any answer is reported', () => {
  it('once, after five seconds, with what is known of the reason', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.script = () => ({ fail: 'NOT_READY' });
      const put = failureOf(kv.put('k', '1', { timeout: 20_000 }));
      await cluster.world.runFor(4_900);
      expect(waitingOf(cluster)).to.deep.equal([]);
      await cluster.world.runFor(1_500);
      const [told] = waitingOf(cluster);
      expect(told).to.include({ operations: 1 });
      expect(told?.ms).to.be.within(5_000, 6_000);
      expect(told?.message).to.match(/^1 operation waits, and nothing was answered for \d s: .*NOT_READY|the last try/);
      await cluster.world.runFor(20_000);
      await put;
      expect(waitingOf(cluster)).to.have.length(1);
      await kv.close();
    }));

  it('names the monitor that does not answer, where no view is known', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client({ monitors: 'nobody:1' });
      const get = failureOf(kv.get('k', { timeout: 10_000 }));
      await cluster.world.runFor(9_000);
      expect(waitingOf(cluster)).to.have.length(1);
      expect(waitingOf(cluster)[0]?.message).to.include('nobody:1');
      await cluster.world.runFor(2_000);
      await get;
      await kv.close();
    }));

  it('again after something was answered meanwhile', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      for (let round = 1; round <= 2; round += 1) {
        cluster.script = () => undefined;
        await kv.put('k', '0');
        cluster.script = () => ({ hang: true });
        const put = failureOf(kv.put('k', '1', { timeout: 8_000 }));
        await cluster.world.runFor(9_000);
        await put;
        expect(waitingOf(cluster)).to.have.length(round);
      }
      await kv.close();
    }));

  it('not while others are answered', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.script = ({ params }) => (params.key === 'stuck' ? { fail: 'NOT_READY' } : undefined);
      const stuck = failureOf(kv.put('stuck', '1', { timeout: 9_000 }));
      for (let second = 0; second < 9; second += 1) {
        await cluster.world.runFor(1_000);
        await kv.get('k');
      }
      await cluster.world.runFor(1_000);
      await stuck;
      expect(waitingOf(cluster)).to.deep.equal([]);
      await kv.close();
    }));

  it('a first write that never got a session says why none could be opened', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = ({ method }) => (method === 'kv.openSession' ? { fail: 'NOT_READY' } : undefined);
      const put = failureOf(kv.put('k', '1', { timeout: 2_000 }));
      await cluster.world.runFor(3_000);
      const failure = await put;
      expect([failure.name, failure.definite]).to.deep.equal(['TIMEOUT', true]);
      expect(failure.message).to.include('no session could be opened yet: ');
      await kv.close();
    }));
});

describe('client: close({ drain: true })', () => {
  it('lets what is under way end, and takes nothing new', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.script = (_, count) => (count < 8 ? { fail: 'NOT_READY' } : undefined);
      const put = kv.put('k', '1');
      await cluster.world.runFor(10);
      const closed = kv.close({ drain: true });
      const late = await failureOf(kv.get('k'));
      expect([late.name, late.definite]).to.deep.equal(['CLOSED', true]);
      await cluster.world.runFor(5_000);
      expect((await put).revision).to.be.above(0);
      await closed;
      expect(cluster.model.values.get('k')?.value).to.equal('1');
      expect((await failureOf(kv.get('k'))).name).to.equal('CLOSED');
    }));

  it('ends at once where nothing is under way, also the first write that still opens its session goes on', () =>
    withCluster(async (cluster) => {
      const idle = cluster.client();
      await idle.close({ drain: true });
      const kv = cluster.client();
      const put = kv.put('k', 'v');
      const closed = kv.close({ drain: true });
      await cluster.world.runFor(1_000);
      await put;
      await closed;
      expect(cluster.model.values.get('k')?.value).to.equal('v');
    }));

  it('is ended by a plain close, as everything under way is', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.script = () => ({ hang: true });
      const put = failureOf(kv.put('k', '1'));
      const drained = kv.close({ drain: true });
      await cluster.world.runFor(1_000);
      await kv.close();
      await drained;
      expect((await put).name).to.equal('CLOSED');
    }));

  it('refuses an option that there is not', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const failure = await failureOf(kv.close({ drian: true } as never));
      expect(failure.message).to.equal('close has no option drian; did you mean drain?');
      await kv.put('k', 'still open');
      await kv.close();
    }));
});

describe('client: the failure of who waited in vain', () => {
  for (const how of ['TIMEOUT', 'ABORTED', 'CLOSED'] as const) {
    it(`${how}: its stack leads to the line that waits`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await kv.put('k', '0');
        cluster.script = () => ({ hang: true });
        const abort = new AbortController();
        async function callerOfThisTest(): Promise<void> {
          await kv.put('k', '1', { timeout: how === 'TIMEOUT' ? 100 : 60_000, signal: abort.signal });
        }
        const failure = failureOf(callerOfThisTest());
        await cluster.world.runFor(200);
        if (how === 'ABORTED') abort.abort(new Error('the user went away'));
        if (how === 'CLOSED') await kv.close();
        const { name, stack, cause } = await failure;
        expect(name).to.equal(how);
        expect(stack).to.include('callerOfThisTest');
        if (how === 'ABORTED') expect((cause as Error).message).to.equal('the user went away');
        await kv.close();
      }));
  }
});

import { type Params, PatientCalls } from '@understudy/rpc';
import { expect } from 'chai';
import { Batcher } from '../../packages/kvservice/src/client/batcher.ts';
import { Effort } from '../../packages/kvservice/src/client/effort.ts';
import { SessionWindow } from '../../packages/kvservice/src/client/session-window.ts';
import { failureOf, type ScriptedCluster, withCluster } from './client-cluster.ts';

/** A batcher whose turn ends when the test says so, an operation of a session in it, and what was sent. */
function gathering(...answers: readonly object[]) {
  const sent: { readonly method: string; readonly params: object }[] = [];
  const turnEnds: (() => void)[] = [];
  const window = new SessionWindow('session-1');
  const effort = new Effort(
    { name: 'append', changes: true, consistencies: [] },
    { signal: undefined, deadlineMs: Infinity, isSequential: false, atLeast: undefined, trouble: () => '' },
  );
  Object.assign(effort, { window, seq: window.take() });
  const call = (_to: string, method: string, params: object) => {
    sent.push({ method, params });
    return Promise.resolve(answers[sent.length - 1] ?? {});
  };
  const batcher = new Batcher({
    clock: { endOfTurn: (callback) => void turnEnds.push(callback), now: () => 0 },
    calls: new PatientCalls({ clock: { now: () => 0 }, call, shortestMs: 500 }),
    paramsOf: (request, { window: session, seq }) => ({ session: session?.session, seq, ...request }),
    onSlow: () => {},
  });
  const operation = { method: 'kv.append', pack: ({ key, value }: Params) => ['append', key, value] };
  const add = () => batcher.add('a:1', { operation: operation as never, request: { key: 'k', value: 'v' }, effort });
  /** As when a late answer to an earlier try has come: nobody wants the number any more. */
  const settle = () => Object.assign(effort, { window: undefined });
  const endTurn = () => {
    for (const callback of turnEnds.splice(0)) callback();
  };
  return { sent, add, settle, endTurn };
}

const operationsOf = ({ params }: { params: Params }) => params['operations'] as readonly (readonly unknown[])[];

/** What the client sent, by the names of the methods, since there were so many entries. */
function sentSince(cluster: ScriptedCluster, before: number): readonly string[] {
  return cluster.world.network.trace.entries
    .slice(before)
    .filter(({ fate, message }) => fate === 'sent' && message.kind === 'request' && message.from === 'client')
    .map(({ at, message }) => `${at} ${message.method}`);
}

describe('client: operations that start together', () => {
  it('leave together in that turn, writes in one request and reads in another, in order (C3)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      const before = cluster.world.network.trace.entries.length;
      const { now } = cluster.world;
      const running = [
        kv.put('a', '1'),
        kv.get('b'),
        kv.append('c', '2'),
        kv.read('b'),
        kv.cas('d', null, '3'),
        kv.casRevision('e', 0, null),
        kv.delete('e'),
        kv.putHash('f', '4'),
      ];
      await Promise.all(running);
      expect(sentSince(cluster, before)).to.deep.equal([`${now} kv.batch`, `${now} kv.batch`]);
      expect(cluster.batches.map(({ params }) => params)).to.deep.equal([
        {
          session: 'session-1',
          acked: 1,
          operations: [
            ['put', 'a', '1', 2],
            ['append', 'c', '2', 3],
            ['cas', 'd', null, '3', 4],
            ['casRevision', 'e', 0, null, 5],
            ['delete', 'e', 6],
            ['putHash', 'f', '4', 7],
          ],
        },
        {
          operations: [
            ['get', 'b'],
            ['get', 'b'],
          ],
        },
      ]);
      await kv.close();
    }));

  it('get each its own answer, the same as alone', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('a', '0');
      const answers = await Promise.all([kv.append('a', '1'), kv.delete('x'), kv.cas('a', '01', '2'), kv.get('y')]);
      expect(answers).to.deep.equal([{ revision: 2 }, false, true, undefined]);
      expect(await Promise.all([kv.get('a'), kv.get('y')])).to.deep.equal(['2', undefined]);
      await kv.close();
    }));

  it('go in several requests, of 128 operations or 16 Ki characters', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await Promise.all(Array.from({ length: 300 }, (_, number) => kv.get(`k${number}`)));
      expect(cluster.batches.map((asked) => operationsOf(asked).length)).to.deep.equal([128, 128, 44]);
      cluster.batches.length = 0;
      await Promise.all(Array.from({ length: 10 }, () => kv.put('k', 'x'.repeat(6_000))));
      expect(cluster.batches.map((asked) => operationsOf(asked).length)).to.deep.equal([3, 3, 3]);
      expect(cluster.of('kv.put')).to.have.length(10);
      await kv.close();
    }));

  it('go alone where somebody may give up before the others', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      const { signal } = new AbortController();
      await Promise.all([kv.put('a', '1', { signal }), kv.put('b', '1', { timeout: 100 }), kv.put('c', '1')]);
      expect(cluster.batches).to.have.length(0);
      expect(cluster.of('kv.put')).to.have.length(4);
      await kv.close();
    }));

  it('fail each for itself', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.script = ({ params }) => (params['key'] === 'b' ? { fail: 'TOO_LARGE' } : undefined);
      const [a, b, c] = await Promise.allSettled([kv.put('a', '1'), kv.put('b', '1'), kv.put('c', '1')]);
      expect([a.status, c.status]).to.deep.equal(['fulfilled', 'fulfilled']);
      expect(b).to.have.nested.include({ 'reason.name': 'TOO_LARGE', 'reason.definite': true });
      await kv.close();
    }));

  it('are tried again each under its own number, when the whole request fails (S3)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client({ pingInterval: 10 });
      await kv.put('k', '');
      cluster.batchScript = (_, count) =>
        count === 1 ? { hang: true } : count === 2 ? { fail: 'NOT_READY' } : undefined;
      await Promise.all([kv.append('k', 'a'), kv.append('k', 'b')]);
      expect(await kv.get('k')).to.equal('ab');
      const told = cluster.batches.map((asked) => operationsOf(asked).map((operation) => operation.at(-1)));
      expect(told).to.deep.equal([
        [2, 3],
        [2, 3],
        [2, 3],
      ]);
      await kv.close();
    }));

  it('go alone to a server of an older make, from then on', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.batchScript = () => ({ fail: 'METHOD_NOT_FOUND' });
      await Promise.all([kv.append('k', 'a'), kv.append('k', 'b')]);
      await Promise.all([kv.append('k', 'c'), kv.append('k', 'd')]);
      expect(cluster.batches).to.have.length(1);
      expect(cluster.of('kv.append')).to.have.length(4);
      expect(await kv.get('k')).to.equal('0abcd');
      expect(cluster.noticed('retry')).to.have.length(0);
      await kv.close();
    }));

  it('are asked again alone, when there was no room for their answers', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.batchScript = () => ({ answer: { results: [{ revision: 7 }, null] } });
      expect(await Promise.all([kv.put('a', '1'), kv.put('b', '1')])).to.deep.equal([{ revision: 7 }, { revision: 2 }]);
      expect(cluster.of('kv.put').at(-1)?.params).to.include({ key: 'b', seq: 3 });
      await kv.close();
    }));

  it('keep their numbers when a late answer settles them before they leave, or are done twice (S2)', () => {
    const { sent, add, settle, endTurn } = gathering();
    void add();
    settle();
    endTurn();
    const params = { session: 'session-1', seq: 1, key: 'k', value: 'v' };
    expect(sent).to.deep.equal([{ method: 'kv.append', params }]);
  });

  it('keep their numbers when they are asked again alone, and a late answer has settled them (S2)', async () => {
    const { sent, add, settle, endTurn } = gathering({ results: [null, null] });
    const both = [add(), add()];
    endTurn();
    settle();
    await Promise.all(both);
    const params = { session: 'session-1', seq: 1, key: 'k', value: 'v' };
    expect(sent.slice(1)).to.deep.equal([
      { method: 'kv.append', params },
      { method: 'kv.append', params },
    ]);
  });

  it('are not called definitely not done, when they were and their answers are not to be had (S6)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.batchScript = () => ({ answer: { results: [null, null] } });
      cluster.script = () => ({ fail: 'TOO_LARGE' });
      const [a, b] = [kv.put('a', '1'), kv.put('b', '1')];
      expect((await failureOf(a)).definite).to.equal(false);
      expect((await failureOf(b)).definite).to.equal(false);
      await kv.close();
    }));

  for (const answer of [{}, { results: [{}] }, { results: [1, 2] }, { results: 'x' }])
    it(`say so of an answer that makes no sense: ${JSON.stringify(answer)}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await kv.put('k', '0');
        cluster.batchScript = () => ({ answer });
        const [a] = [kv.put('a', '1'), kv.put('b', '1').catch(() => {})];
        const failure = await failureOf(a);
        expect([failure.name, failure.definite]).to.deep.equal(['INTERNAL_ERROR', false]);
        await kv.close();
      }));

  it('end with CLOSED when the client closes before they have left', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      const running = [failureOf(kv.put('a', '1')), failureOf(kv.put('b', '1'))];
      await kv.close();
      for (const failure of await Promise.all(running))
        expect([failure.name, failure.definite]).to.deep.equal(['CLOSED', true]);
      cluster.expectNothingLeft();
    }));
});

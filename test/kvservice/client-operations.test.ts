import type { ClientNotice } from '@understudy/kvservice';
import { expect } from 'chai';
import { failureOf, type ScriptedCluster, withCluster } from './client-cluster.ts';

const last = (cluster: ScriptedCluster, method: string) => cluster.of(method).at(-1)?.params;

describe('client: operations', () => {
  it('ask and answer as the contract says', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const origin = (seq: number) => ({ session: 'session-1', seq, acked: seq - 1 });
      expect(await kv.get('a')).to.equal(undefined);
      expect(last(cluster, 'kv.get')).to.deep.equal({ key: 'a' });
      expect(await kv.put('a', '1')).to.deep.equal({ revision: 1 });
      expect(last(cluster, 'kv.put')).to.deep.equal({ key: 'a', value: '1', ...origin(1) });
      expect(await kv.append('a', '2')).to.deep.equal({ revision: 2 });
      expect(last(cluster, 'kv.append')).to.deep.equal({ key: 'a', value: '2', ...origin(2) });
      expect(await kv.get('a')).to.equal('12');
      expect(await kv.putHash('a', '3')).to.equal('12');
      expect(last(cluster, 'kv.putHash')).to.deep.equal({ key: 'a', value: '3', ...origin(3) });
      expect(await kv.putHash('b', '4')).to.equal('');
      expect(await kv.delete('b')).to.equal(true);
      expect(last(cluster, 'kv.delete')).to.deep.equal({ key: 'b', ...origin(5) });
      expect(await kv.delete('b')).to.equal(false);
      expect(await kv.cas('c', null, 'x')).to.equal(true);
      expect(last(cluster, 'kv.cas')).to.deep.equal({ key: 'c', expected: null, value: 'x', ...origin(7) });
      expect(await kv.cas('c', undefined, 'y')).to.equal(false);
      expect(await kv.cas('c', 'x', undefined)).to.equal(true);
      expect(last(cluster, 'kv.cas')).to.deep.equal({ key: 'c', expected: 'x', value: null, ...origin(9) });
      expect(await kv.get('c')).to.equal(undefined);
      expect(await kv.casRevision('d', 0, 'x')).to.deep.include({ swapped: true, current: 'x' });
      expect(last(cluster, 'kv.cas')).to.deep.equal({ key: 'd', revision: 0, value: 'x', ...origin(10) });
      const { value, revision } = await kv.read('d');
      expect(value).to.equal('x');
      expect(await kv.casRevision('d', revision + 1, 'y')).to.deep.include({ swapped: false, current: 'x' });
      expect(await kv.casRevision('d', revision, undefined)).to.deep.include({ swapped: true, current: null });
      expect(await kv.read('d')).to.deep.include({ value: null });
      await kv.close();
    }));

  for (const [method, answer] of [
    ['get', { value: 5, revision: 1 }],
    ['get', { value: 'v' }],
    ['get', []],
    ['put', {}],
    ['put', { revision: -1 }],
    ['append', { revision: 1.5 }],
    ['putHash', { previous: null, revision: 1 }],
    ['delete', { deleted: 'yes', revision: 1 }],
    ['cas', { swapped: 1, revision: 1, current: null }],
    ['openSession', { session: '' }],
  ] as const) {
    it(`an answer to ${method} that makes no sense fails it: ${JSON.stringify(answer)}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await kv.get('k');
        cluster.script = (asked) => (asked.method === `kv.${method}` ? { answer } : undefined);
        const operations = {
          get: () => kv.get('k'),
          put: () => kv.put('k', 'v'),
          append: () => kv.append('k', 'v'),
          putHash: () => kv.putHash('k', 'v'),
          delete: () => kv.delete('k'),
          cas: () => kv.cas('k', null, 'v'),
          openSession: () => kv.put('k', 'v'),
        };
        const failure = await failureOf(operations[method]());
        const definite = method === 'get' || method === 'openSession';
        expect([failure.name, failure.definite]).to.deep.equal(['INTERNAL_ERROR', definite]);
        expect(failure.message).to.contain(`kv.${method}`);
        await kv.close();
      }));
  }

  it('a listener that throws harms no operation, and shows', async () => {
    const shown: unknown[] = [];
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (reason) => shown.push(reason));
    try {
      await withCluster(async (cluster) => {
        const onNotice = ({ kind }: ClientNotice) => {
          throw new Error(kind);
        };
        const kv = cluster.client({ onNotice });
        await kv.put('k', 'v');
        await kv.close();
      });
      await new Promise(setImmediate);
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
    }
    expect(shown.map(String)).to.deep.equal(['Error: asking', 'Error: view', 'Error: session']);
  });
});

describe('client: sequential reads (L5)', () => {
  it('go to a backup, with the highest revision that this client has seen', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.view = { ...cluster.view, backups: ['b:1', 'c:1'] };
      expect(await kv.get('k', { consistency: 'sequential' })).to.equal(undefined);
      expect(last(cluster, 'kv.get')).to.deep.equal({ key: 'k', consistency: 'sequential', atLeast: 0 });
      await kv.put('k', '1');
      const { revision } = await kv.put('k', '2');
      const seen = new Set<string>();
      for (let i = 0; i < 40; i++) {
        expect(await kv.get('k', { consistency: 'sequential' })).to.equal('2');
        seen.add(cluster.of('kv.get').at(-1)?.server ?? '');
      }
      expect(last(cluster, 'kv.get')).to.deep.equal({ key: 'k', consistency: 'sequential', atLeast: revision });
      expect([...seen].sort()).to.deep.equal(['b:1', 'c:1']);
      await kv.close();
    }));

  for (const [what, see] of [
    ['a get', (kv) => kv.get('k')],
    ['a scan', (kv) => kv.scan().next()],
    ['a cas', (kv) => kv.cas('k', 'x', 'y')],
    ['a delete', (kv) => kv.delete('none')],
    ['a putHash', (kv) => kv.putHash('k', 'x')],
  ] as readonly (readonly [string, (kv: ReturnType<ScriptedCluster['client']>) => Promise<unknown>])[]) {
    it(`count the revision that ${what} shows`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        cluster.model.revision = 40;
        cluster.model.set('k', 'v');
        await see(kv);
        await kv.get('k', { consistency: 'sequential' });
        expect(last(cluster, 'kv.get')?.atLeast).to.equal(cluster.model.revision);
        await kv.close();
      }));
  }

  it('ask for the revision that the caller names, where that is the higher one; so does every other read, alone', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.model.revision = 40;
      cluster.model.set('k', 'v');
      await kv.get('k');
      const seen = cluster.model.revision;
      for (const [atLeast, asked] of [
        [seen - 1, seen],
        [seen + 1, seen + 1],
      ] as const) {
        await kv.get('k', { consistency: 'sequential', atLeast });
        expect(last(cluster, 'kv.get')).to.deep.equal({ key: 'k', consistency: 'sequential', atLeast: asked });
      }
      await Promise.all([kv.read('k', { atLeast: 7 }), kv.get('k', { atLeast: 8 })]);
      expect(last(cluster, 'kv.get')).to.deep.equal({ key: 'k', atLeast: 8 });
      await kv.scanPage({ atLeast: 9 });
      expect(last(cluster, 'kv.scan')).to.include({ atLeast: 9 });
      const failure = await kv.put('k', 'v', { atLeast: 7 }).catch((error) => error);
      expect([failure.name, failure.data.field]).to.deep.equal(['INVALID_PARAMS', 'atLeast']);
      await kv.close();
    }));

  it('never go to a syncing backup, and without any other to the primary', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.view = { ...cluster.view, backups: ['b:1'], syncing: ['b:1'] };
      await kv.get('k', { consistency: 'sequential' });
      expect(cluster.of('kv.get').at(-1)).to.include({ server: 'a:1' });
      expect(last(cluster, 'kv.get')).to.deep.equal({ key: 'k', consistency: 'sequential', atLeast: 0 });
      await kv.close();
    }));

  for (const fail of ['NOT_PRIMARY', 'NOT_READY', 'INTERNAL_ERROR', 'OVERLOADED', 'METHOD_NOT_FOUND'] as const) {
    it(`fall back to the primary at once when the backup fails: ${fail}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        cluster.script = ({ server }) => (server === 'b:1' ? { fail } : undefined);
        const before = cluster.world.now;
        await kv.get('k', { consistency: 'sequential' });
        expect(cluster.world.now - before).to.be.below(5);
        expect(cluster.of('kv.get').map(({ server }) => server)).to.deep.equal(['b:1', 'a:1']);
        expect(cluster.questions).to.have.length(1);
        await kv.close();
      }));
  }

  it('fall back to the primary when the backup is gone, or hangs', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = ({ server }) => (server === 'b:1' ? { hang: true } : undefined);
      await kv.get('k', { consistency: 'sequential' });
      cluster.crash('b:1');
      await kv.get('k', { consistency: 'sequential' });
      expect(cluster.questions).to.have.length(1);
      await kv.close();
    }));

  it('forget what was seen of another cluster', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.model.revision = 40;
      await kv.put('k', 'v');
      cluster.view = { viewnum: 1, primary: 'b:1', backups: [], syncing: [], cluster: 'cluster-2' };
      await kv.updateView();
      await kv.get('k', { consistency: 'sequential' });
      expect(last(cluster, 'kv.get')?.atLeast).to.equal(0);
      await kv.close();
    }));

  it('linearizable, said aloud, is what it is anyway', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.get('k', { consistency: 'linearizable' });
      expect(cluster.of('kv.get')).to.have.length(1);
      expect(cluster.of('kv.get')[0]).to.deep.include({ server: 'a:1', params: { key: 'k' } });
      await kv.put('k', 'v', { consistency: 'linearizable' });
      expect((await failureOf(kv.put('k', 'v', { consistency: 'x' as never }))).name).to.equal('INVALID_PARAMS');
      await kv.close();
    }));
});

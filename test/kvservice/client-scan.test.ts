import type { ScanEntry } from '@understudy/kvservice';
import { expect } from 'chai';
import fc from 'fast-check';
import { failureOf, type ScriptedCluster, withCluster } from './client-cluster.ts';
import { byBytes } from './client-model.ts';

async function collect(entries: AsyncIterable<ScanEntry>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of entries) keys.push(key);
  return keys;
}

function fill(cluster: ScriptedCluster, keys: readonly string[]): void {
  for (const key of keys) cluster.model.set(key, `value of ${key}`);
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `k${String(i).padStart(4, '0')}`);

describe('client: scan', () => {
  it('gives the entries in the order of their keys, page by page', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const keys = numbered(600);
      fill(cluster, keys);
      const entries: ScanEntry[] = [];
      for await (const entry of kv.scan()) entries.push(entry);
      expect(entries.map(({ key }) => key)).to.deep.equal(keys);
      expect(entries[7]).to.deep.equal({ key: 'k0007', value: 'value of k0007', revision: 8 });
      expect(cluster.of('kv.scan').map(({ params }) => params)).to.deep.equal([
        { limit: 256 },
        { limit: 256, start: 'k0255\u0000' },
        { limit: 256, start: 'k0511\u0000' },
      ]);
      expect(cluster.of('kv.openSession')).to.have.length(0);
      await kv.close();
    }));

  it('goes backwards', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const keys = numbered(10);
      fill(cluster, keys);
      expect(await collect(kv.scan({ reverse: true, pageSize: 4 }))).to.deep.equal([...keys].reverse());
      expect(cluster.of('kv.scan').map(({ params }) => params)).to.deep.equal([
        { limit: 4, reverse: true },
        { limit: 4, reverse: true, end: 'k0006' },
        { limit: 4, reverse: true, end: 'k0002' },
      ]);
      await kv.close();
    }));

  it('keeps to its range on every page, both ways', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      fill(cluster, ['a', 'b1', 'b2', 'b3', 'b4', 'b5', 'c']);
      const range = { prefix: 'b', start: 'b2', end: 'b5', pageSize: 1 };
      expect(await collect(kv.scan(range))).to.deep.equal(['b2', 'b3', 'b4']);
      expect(await collect(kv.scan({ ...range, reverse: true }))).to.deep.equal(['b4', 'b3', 'b2']);
      expect(await collect(kv.scan({ prefix: 'x' }))).to.deep.equal([]);
      await kv.close();
    }));

  it('limit is that of the whole, over the pages', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      fill(cluster, numbered(20));
      expect(await collect(kv.scan({ limit: 7, pageSize: 3 }))).to.deep.equal(numbered(7));
      expect(cluster.of('kv.scan').map(({ params }) => params.limit)).to.deep.equal([3, 3, 1]);
      expect(await collect(kv.scan({ limit: 0 }))).to.deep.equal([]);
      expect(cluster.of('kv.scan')).to.have.length(3);
      await kv.close();
    }));

  it('goes on behind its last key when a page is shorter than it was asked to be', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      fill(cluster, numbered(5));
      cluster.script = ({ params }) => {
        if (params.start !== undefined) return undefined;
        return { answer: { entries: [{ key: 'k0000', value: 'v', revision: 1 }], more: true } };
      };
      expect(await collect(kv.scan())).to.deep.equal(numbered(5));
      await kv.close();
    }));

  for (const reverse of [false, true]) {
    it(`keys that come and go between two pages harm nothing, ${reverse ? 'backwards' : 'forwards'}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        fill(cluster, ['a', 'c', 'e', 'g', 'i', 'k']);
        const keys: string[] = [];
        for await (const { key } of kv.scan({ reverse, pageSize: 2 })) {
          keys.push(key);
          if (keys.length !== 2) continue;
          for (const gone of ['c', 'i']) cluster.model.values.delete(gone); // one of them is the last key seen
          fill(cluster, ['b', 'd', 'f', 'h', 'j', `${key}\u0000`]);
        }
        expect(keys).to.deep.equal(
          reverse
            ? ['k', 'i', 'h', 'g', 'f', 'e', 'd', 'b', 'a']
            : ['a', 'c', 'c\u0000', 'd', 'e', 'f', 'g', 'h', 'j', 'k'],
        );
        await kv.close();
      }));
  }

  it('what is there all the time is seen exactly once, whatever changes, in the order of bytes', async () => {
    const key = fc.constantFrom('a', 'b', 'b\u0000', 'b\u0000\u0000', 'é', '\uffee', '\u{1f600}', 'z', 'zz', 'zé');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key),
        fc.array(fc.record({ key, comes: fc.boolean() })),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        async (initial, changes, reverse, pageSize) =>
          withCluster(async (cluster) => {
            const kv = cluster.client();
            fill(cluster, initial);
            const steady = new Set(initial);
            const queue = [...changes];
            const seen: string[] = [];
            for await (const entry of kv.scan({ reverse, pageSize })) {
              seen.push(entry.key);
              const change = queue.shift();
              if (change?.comes) fill(cluster, [change.key]);
              else if (change !== undefined && cluster.model.values.delete(change.key)) steady.delete(change.key);
            }
            expect([...seen].sort(reverse ? (one, other) => byBytes(other, one) : byBytes)).to.deep.equal(seen);
            expect(new Set(seen).size).to.equal(seen.length);
            expect(seen).to.include.members([...steady]);
            await kv.close();
          }),
      ),
      { numRuns: 150 },
    );
  });

  it('goes on through a failover', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      fill(cluster, numbered(9));
      const keys: string[] = [];
      for await (const { key } of kv.scan({ pageSize: 3 })) {
        keys.push(key);
        if (keys.length !== 4) continue;
        cluster.crash('a:1');
        cluster.promote('b:1');
      }
      expect(keys).to.deep.equal(numbered(9));
      await kv.close();
    }));

  it('a break leaves nothing behind, and no further page is fetched', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      fill(cluster, numbered(20));
      for await (const { key } of kv.scan({ pageSize: 3 })) if (key === 'k0001') break;
      cluster.expectNothingLeft();
      await cluster.world.runFor(1_000);
      expect(cluster.of('kv.scan')).to.have.length(1);
      await kv.close();
    }));

  it('fetches nothing before it is asked for something', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      kv.scan();
      await cluster.world.runFor(1_000);
      expect([cluster.asked, cluster.questions]).to.deep.equal([[], []]);
      await kv.close();
    }));

  it('timeout is that of each page: what the caller does between them costs nothing', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      fill(cluster, numbered(6));
      const keys: string[] = [];
      for await (const { key } of kv.scan({ pageSize: 2, timeout: 100 })) {
        keys.push(key);
        await cluster.world.runFor(90);
      }
      expect(keys).to.deep.equal(numbered(6));
      await kv.close();
    }));

  for (const [what, answer] of [
    ['no list', { entries: {}, more: false }],
    ['no word about more', { entries: [] }],
    ['nothing, yet more', { entries: [], more: true }],
    ['an entry without a key', { entries: [{ value: 'v', revision: 1 }], more: false }],
    ['an entry without a value', { entries: [{ key: 'k', revision: 1 }], more: false }],
    ['an entry that is null', { entries: [null], more: false }],
  ] as const) {
    it(`a page that makes no sense fails: ${what}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        cluster.script = () => ({ answer });
        const failure = await failureOf(collect(kv.scan()));
        expect([failure.name, failure.definite]).to.deep.equal(['INTERNAL_ERROR', true]);
        await kv.close();
      }));
  }
});

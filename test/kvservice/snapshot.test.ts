/** A moment of the data, read while it goes on changing. */
import type { KVClient, Snapshot } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { SimulatedCluster } from '../support/cluster/simulated-cluster.ts';

const PAIRS = 40;
/** As long as a server holds a moment that nobody reads. */
const UNUSED_MS = 30_000;

const name = (side: 'a' | 'z', pair: number) => `${side}${String(pair).padStart(3, '0')}`;

async function within(options: { servers: readonly string[] }, story: (cluster: SimulatedCluster) => Promise<void>) {
  const cluster = new SimulatedCluster({ seed: 1, ...options });
  await cluster.world.run(
    async () => {
      await cluster.start();
      await story(cluster);
      await cluster.close();
    },
    { limitMs: 300_000 },
  );
  expect(cluster.untidiness).to.deep.equal([]);
}

/** The same value under both keys of a pair, the first one first: at every moment `a` is as new as `z`, or by one newer. */
async function write(kv: KVClient, pair: number, value: number): Promise<void> {
  await kv.put(name('a', pair), String(value));
  await kv.put(name('z', pair), String(value));
}

async function read(snapshot: Snapshot, pageSize = 7): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { key, value, revision } of snapshot.scan({ pageSize })) {
    expect(revision).to.be.at.most(snapshot.revision);
    found.set(key, value);
  }
  return found;
}

async function failureOf(promise: Promise<unknown>): Promise<UnderstudyError> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof UnderstudyError) return failure;
  throw new Error(`expected a failure, not ${String(failure)}`);
}

describe('snapshot', () => {
  it('is of one moment, whatever is written, deleted and added while its pages are read', () =>
    within({ servers: ['a', 'b'] }, async (cluster) => {
      const { world } = cluster;
      const [writer, reader] = [cluster.client('writer'), cluster.client('reader')];
      for (let pair = 0; pair < PAIRS; pair++) await write(writer, pair, 0);
      let isOver = false;
      const writing = (async () => {
        for (let round = 1; !isOver; round++) {
          // From the last to the first, against the order of a scan: pages of several moments would show it.
          for (let pair = PAIRS - 1; pair >= 0; pair--) await write(writer, pair, round);
          await writer.delete(name('a', round % PAIRS));
          await writer.put(`m${round}`, 'new');
        }
      })();
      let changedMeanwhile = 0;
      for (let time = 0; time < 5; time++) {
        await world.runFor(37);
        const snapshot = await reader.snapshot();
        const found = await read(snapshot);
        expect(found.size).to.equal(snapshot.keys);
        let differing = 0;
        for (let pair = 0; pair < PAIRS; pair++) {
          const first = found.get(name('a', pair));
          if (first !== undefined && first !== found.get(name('z', pair))) differing += 1;
        }
        expect(differing, 'pairs between their two writes').to.be.at.most(1);
        expect([...found]).to.deep.equal([...(await read(snapshot, 1_000))]);
        const now = await read(await reader.snapshot());
        if (JSON.stringify([...now]) !== JSON.stringify([...found])) changedMeanwhile += 1;
      }
      expect(changedMeanwhile, 'moments that the data had gone on from').to.equal(5);
      isOver = true;
      await writing;
    }));

  it('has a range, a limit and a direction, as a scan', () =>
    within({ servers: ['a'] }, async (cluster) => {
      const kv = cluster.client();
      for (const key of ['a', 'b1', 'b2', 'b3', 'c']) await kv.put(key, key);
      const snapshot = await kv.snapshot();
      await kv.delete('b2');
      const keys = [];
      for await (const { key } of snapshot.scan({ prefix: 'b', reverse: true, limit: 2, pageSize: 1 })) keys.push(key);
      expect(keys).to.deep.equal(['b3', 'b2']);
    }));

  it('of no keys is empty', () =>
    within({ servers: ['a'] }, async (cluster) => {
      const snapshot = await cluster.client().snapshot();
      expect([snapshot.keys, (await read(snapshot)).size]).to.deep.equal([0, 0]);
    }));

  it('is there while somebody reads it, and forgotten when nobody does', () =>
    within({ servers: ['a'] }, async (cluster) => {
      const kv = cluster.client();
      await write(kv, 1, 1);
      const [one, other] = [await kv.snapshot(), await kv.snapshot()];
      for (let time = 0; time < 3; time++) {
        await cluster.world.runFor(UNUSED_MS - 1_000);
        expect((await read(one)).size).to.equal(2);
      }
      const { name: failure, definite } = await failureOf(read(other));
      expect([failure, definite]).to.deep.equal(['SNAPSHOT_UNKNOWN', true]);
    }));

  it('is forgotten for newer ones, the one that was not read for the longest time first', () =>
    within({ servers: ['a'] }, async (cluster) => {
      const kv = cluster.client();
      await write(kv, 1, 1);
      const first = await kv.snapshot();
      const second = await kv.snapshot();
      for (let count = 2; count < 16; count++) await kv.snapshot();
      await read(first);
      await kv.snapshot();
      expect((await read(first)).size).to.equal(2);
      expect((await failureOf(read(second))).name).to.equal('SNAPSHOT_UNKNOWN');
    }));

  it('ends with its server: another one, or the next run, knows nothing of it', () =>
    within({ servers: ['a', 'b'] }, async (cluster) => {
      const kv = cluster.client();
      for (let pair = 0; pair < PAIRS; pair++) await write(kv, pair, 0);
      const snapshot = await kv.snapshot();
      const pages = snapshot.scan({ pageSize: 10 });
      await pages.next();
      cluster.crash('a');
      const rest = failureOf(
        (async () => {
          for await (const _ of pages) {
            /* to its end */
          }
        })(),
      );
      expect((await rest).name).to.equal('SNAPSHOT_UNKNOWN');
      expect((await read(await kv.snapshot())).size).to.equal(2 * PAIRS);
      await cluster.startServer('a');
      await cluster.until(() => cluster.inSync && cluster.members.length === 2, 'both to be in sync again');
    }));

  it('is refused by the name of the field where it is none', () =>
    within({ servers: ['a'] }, async (cluster) => {
      const { transport } = cluster.world.process('probe').world;
      for (const snapshot of ['', 5, null]) {
        const failure = await failureOf(transport.call('a:1', 'kv.scan', { snapshot }, { timeoutMs: 1_000 }));
        expect([failure.name, failure.data.field]).to.deep.equal(['INVALID_PARAMS', 'snapshot']);
      }
    }));
});

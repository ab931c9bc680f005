/** `kv.batch` at real servers in a simulated world: many operations in one request. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type OperationEvent } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { SimulatedCluster } from '../support/cluster/simulated-cluster.ts';

interface Talk {
  readonly cluster: SimulatedCluster;
  /** Sends it to the primary; the failure of the whole where there is one. */
  readonly ask: (method: string, params: object) => Promise<unknown>;
}

async function talk(story: (talk: Talk) => Promise<void>): Promise<void> {
  const cluster = new SimulatedCluster({ seed: 1, servers: ['a', 'b'] });
  await cluster.world.run(
    async () => {
      await cluster.start();
      const { transport } = cluster.world.process('asker').world;
      const ask = (method: string, params: object) =>
        transport.call('a:1', method, params, { timeoutMs: 5_000 }).catch((error: UnderstudyError) => error);
      await story({ cluster, ask });
      await transport.close();
      await cluster.close();
    },
    { limitMs: 300_000 },
  );
  expect(cluster.untidiness).to.deep.equal([]);
}

const failure = (name: string, field: string) => ({ 'error.data.name': name, 'error.data.field': field });

describe('kv.batch', () => {
  it('gives each operation the answer that it would get alone, in order', () =>
    talk(async ({ ask }) => {
      const { session } = (await ask('kv.openSession', { client: 'c' })) as { session: string };
      const operations = [
        ['put', 'a', '1', 1],
        ['append', 'a', '2', 2],
        ['putHash', 'b', 'x', 3],
        ['cas', 'a', '12', '3', 4],
        ['casRevision', 'a', 1, null, 5],
        ['delete', 'b', 6],
      ];
      const { results } = (await ask('kv.batch', { session, acked: 0, operations })) as {
        results: { revision: number }[];
      };
      const first = results[0]?.revision ?? 0;
      expect(results).to.deep.equal([
        { revision: first },
        { revision: first + 1 },
        { previous: '', revision: first + 2 },
        { swapped: true, revision: first + 3, current: '3' },
        { swapped: false, revision: first + 3, current: '3' },
        { deleted: true, revision: first + 5 },
      ]);
      expect(
        await ask('kv.batch', {
          operations: [
            ['get', 'a'],
            ['get', 'b'],
          ],
        }),
      ).to.have.nested.property('results[0].value', '3');
      // Sent again, nothing is done again (S3).
      expect(await ask('kv.batch', { session, acked: 0, operations })).to.deep.equal({ results });
    }));

  it('refuses reads of a revision that is not reached, and answers none with less (L5)', () =>
    talk(async ({ ask }) => {
      const { revision } = (await ask('kv.put', { key: 'k', value: 'v' })) as { revision: number };
      const operations = [['get', 'k']];
      expect(await ask('kv.batch', { operations, atLeast: revision })).to.deep.equal({
        results: [{ value: 'v', revision }],
      });
      const ahead = await ask('kv.batch', { operations, atLeast: revision + 9 });
      expect(ahead).to.have.nested.property('results[0].error.data.name', 'NOT_READY');
    }));

  it('takes operations without a session, each done once for each request (S8)', () =>
    talk(async ({ ask }) => {
      const operations = [
        ['append', 'a', 'x'],
        ['append', 'a', 'y'],
        ['get', 'a'],
      ];
      await ask('kv.batch', { operations });
      await ask('kv.batch', { operations });
      expect(await ask('kv.get', { key: 'a' })).to.include({ value: 'xyxy' });
    }));

  it('refuses an operation that is wrong by the name of its field, and does the others', () =>
    talk(async ({ ask }) => {
      const wrong = [
        ['put', '', 'v'],
        ['put', 'k'],
        ['get', 7],
        ['get', 'k'.repeat(2_000)],
        ['cas', 'k', 1, 'x'],
        ['put', 'k', 'v', 3],
      ];
      const { results } = (await ask('kv.batch', { operations: [...wrong, ['put', 'k', 'v']] })) as {
        results: object[];
      };
      expect(results[0]).to.nested.include(failure('INVALID_PARAMS', 'key'));
      expect(results[1]).to.nested.include(failure('INVALID_PARAMS', 'value'));
      expect(results[2]).to.nested.include(failure('INVALID_PARAMS', 'key'));
      expect(results[3]).to.nested.include(failure('TOO_LARGE', 'key'));
      expect(results[4]).to.nested.include(failure('INVALID_PARAMS', 'expected'));
      expect(results[5]).to.nested.include(failure('INVALID_PARAMS', 'seq'));
      expect(results[6]).to.have.property('revision');
    }));

  for (const operations of [
    undefined,
    {},
    [],
    Array.from({ length: 1_025 }, () => ['get', 'k']),
    ['get'],
    [['scan', 'k']],
    [[]],
  ])
    it(`is refused where it is none: ${JSON.stringify(operations)?.slice(0, 40)}`, () =>
      talk(async ({ ask }) => {
        const error = (await ask('kv.batch', { operations })) as UnderstudyError;
        expect([error.name, error.data['field']]).to.deep.equal(['INVALID_PARAMS', 'operations']);
      }));

  it('at a backup tells each operation where the primary is, and that it is not done', () =>
    talk(async ({ cluster }) => {
      const { transport } = cluster.world.process('asker').world;
      const params = {
        operations: [
          ['get', 'a'],
          ['put', 'a', '1'],
        ],
      };
      const { results } = (await transport.call('b:1', 'kv.batch', params, { timeoutMs: 1_000 })) as {
        results: object[];
      };
      for (const item of results)
        expect(item).to.nested.include({
          'error.data.name': 'NOT_PRIMARY',
          'error.data.view.primary': 'a:1',
          'error.data.definite': true,
        });
    }));

  it('leaves out answers for which there is no room, and the client asks for them alone', () =>
    talk(async ({ cluster, ask }) => {
      const kv = cluster.client('c');
      const value = 'v'.repeat(300_000);
      const keys = ['a', 'b', 'c'];
      for (const key of keys) await kv.put(key, value);
      const { results } = (await ask('kv.batch', { operations: keys.map((key) => ['get', key]) })) as {
        results: object[];
      };
      expect(results.map((item) => item !== null)).to.deep.equal([true, false, false]);
      expect(await Promise.all(keys.map((key) => kv.get(key)))).to.deep.equal([value, value, value]);
      expect(await Promise.all(keys.map((key) => kv.putHash(key, 'x')))).to.deep.equal([value, value, value]);
    }));

  it('counts each operation as one of its own', () =>
    talk(async ({ ask }) => {
      const told: OperationEvent[] = [];
      const note = (event: unknown): void => void told.push(event as OperationEvent);
      subscribe('understudy:operation', note);
      await ask('kv.batch', {
        operations: [
          ['put', 'a', '1'],
          ['get', 'a'],
          ['put', '', '1'],
        ],
      });
      unsubscribe('understudy:operation', note);
      expect(told.map(({ operation, key, failure: name }) => [operation, key, name])).to.have.deep.members([
        ['put', '', 'INVALID_PARAMS'],
        ['get', 'a', undefined],
        ['put', 'a', undefined],
      ]);
    }));
});

import { KVClient as Client, type KVClient, type KVClientOptions } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { failureOf, withCluster } from './client-cluster.ts';

type Row = readonly [what: string, run: (kv: KVClient) => Promise<unknown>, name: string, field: string];

const long = 'é'.repeat(513); // 1,026 bytes
const huge = 'x'.repeat(2 ** 20 + 1);

const ROWS: readonly Row[] = [
  ['get(123)', (kv) => kv.get(123 as never), 'INVALID_PARAMS', 'key'],
  ['get()', (kv) => kv.get(undefined as never), 'INVALID_PARAMS', 'key'],
  ['get("")', (kv) => kv.get(''), 'INVALID_PARAMS', 'key'],
  ['get of half a pair', (kv) => kv.get('a\ud83d'), 'INVALID_PARAMS', 'key'],
  ['get of a long key', (kv) => kv.get(long), 'TOO_LARGE', 'key'],
  ['put(null)', (kv) => kv.put(null as never, 'v'), 'INVALID_PARAMS', 'key'],
  ['put without a value', (kv) => kv.put('k', undefined as never), 'INVALID_PARAMS', 'value'],
  ['put of an object', (kv) => kv.put('k', {} as never), 'INVALID_PARAMS', 'value'],
  ['put of half a pair', (kv) => kv.put('k', '\udc00'), 'INVALID_PARAMS', 'value'],
  ['put of a huge value', (kv) => kv.put('k', huge), 'TOO_LARGE', 'value'],
  ['append of a number', (kv) => kv.append('k', 1 as never), 'INVALID_PARAMS', 'value'],
  ['putHash of a number', (kv) => kv.putHash('k', 1 as never), 'INVALID_PARAMS', 'value'],
  ['delete([])', (kv) => kv.delete([] as never), 'INVALID_PARAMS', 'key'],
  ['cas, expected a number', (kv) => kv.cas('k', 1 as never, 'v'), 'INVALID_PARAMS', 'expected'],
  ['cas, expected huge', (kv) => kv.cas('k', huge, 'v'), 'TOO_LARGE', 'expected'],
  ['cas to a boolean', (kv) => kv.cas('k', null, true as never), 'INVALID_PARAMS', 'value'],
  ['cas of no key', (kv) => kv.cas('', null, 'v'), 'INVALID_PARAMS', 'key'],
  ['read(123)', (kv) => kv.read(123 as never), 'INVALID_PARAMS', 'key'],
  ['casRevision below 0', (kv) => kv.casRevision('k', -1, 'v'), 'INVALID_PARAMS', 'revision'],
  ['casRevision of text', (kv) => kv.casRevision('k', '1' as never, 'v'), 'INVALID_PARAMS', 'revision'],
  ['casRevision to a number', (kv) => kv.casRevision('k', 1, 5 as never), 'INVALID_PARAMS', 'value'],
  ['scanPage of nothing', (kv) => kv.scanPage({ limit: 0 }), 'INVALID_PARAMS', 'limit'],
  ['scanPage, prefix a number', (kv) => kv.scanPage({ prefix: 1 as never }), 'INVALID_PARAMS', 'prefix'],
  ['options that are no object', (kv) => kv.get('k', 5 as never), 'INVALID_PARAMS', 'options'],
  ['options null', (kv) => kv.get('k', null as never), 'INVALID_PARAMS', 'options'],
  ['timeout below 0', (kv) => kv.get('k', { timeout: -1 }), 'INVALID_PARAMS', 'timeout'],
  ['timeout NaN', (kv) => kv.get('k', { timeout: Number.NaN }), 'INVALID_PARAMS', 'timeout'],
  ['timeout as text', (kv) => kv.get('k', { timeout: '5' as never }), 'INVALID_PARAMS', 'timeout'],
  ['signal that is none', (kv) => kv.get('k', { signal: {} as never }), 'INVALID_PARAMS', 'signal'],
  ['consistency unknown', (kv) => kv.get('k', { consistency: 'eventual' as never }), 'INVALID_PARAMS', 'consistency'],
  ['a sequential put', (kv) => kv.put('k', 'v', { consistency: 'sequential' }), 'INVALID_PARAMS', 'consistency'],
  ['a sequential scan', (kv) => kv.scan({ consistency: 'sequential' }).next(), 'INVALID_PARAMS', 'consistency'],
  ['an option misspelt', (kv) => kv.get('k', { timeOut: 5 } as never), 'INVALID_PARAMS', 'timeOut'],
  ['an option of scans', (kv) => kv.put('k', 'v', { prefix: 'a' } as never), 'INVALID_PARAMS', 'prefix'],
  ['scan, an option misspelt', (kv) => kv.scan({ prefx: 'a' } as never).next(), 'INVALID_PARAMS', 'prefx'],
  ['scanPage, an option of scan', (kv) => kv.scanPage({ pageSize: 5 } as never), 'INVALID_PARAMS', 'pageSize'],
  ['updateView, an option misspelt', (kv) => kv.updateView({ signall: 1 } as never), 'INVALID_PARAMS', 'signall'],
  ['updateView(5)', (kv) => kv.updateView(5 as never), 'INVALID_PARAMS', 'options'],
  ['scan(5)', (kv) => kv.scan(5 as never).next(), 'INVALID_PARAMS', 'options'],
  ['scan, prefix a number', (kv) => kv.scan({ prefix: 1 as never }).next(), 'INVALID_PARAMS', 'prefix'],
  ['scan, start null', (kv) => kv.scan({ start: null as never }).next(), 'INVALID_PARAMS', 'start'],
  ['scan, end of half a pair', (kv) => kv.scan({ end: '\ud800' }).next(), 'INVALID_PARAMS', 'end'],
  ['scan, end too long', (kv) => kv.scan({ end: 'x'.repeat(1_026) }).next(), 'TOO_LARGE', 'end'],
  ['scan, limit below 0', (kv) => kv.scan({ limit: -1 }).next(), 'INVALID_PARAMS', 'limit'],
  ['scan, limit broken', (kv) => kv.scan({ limit: 1.5 }).next(), 'INVALID_PARAMS', 'limit'],
  ['scan, pages of nothing', (kv) => kv.scan({ pageSize: 0 }).next(), 'INVALID_PARAMS', 'pageSize'],
  ['scan, reverse as text', (kv) => kv.scan({ reverse: 'yes' as never }).next(), 'INVALID_PARAMS', 'reverse'],
  ['scan, timeout below 0', (kv) => kv.scan({ timeout: -1 }).next(), 'INVALID_PARAMS', 'timeout'],
];

describe('client: input', () => {
  for (const [what, run, name, field] of ROWS) {
    it(`${what}: ${name} of ${field}, definite, nothing sent`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        const failure = await failureOf(run(kv));
        expect([failure.name, failure.data.field, failure.definite]).to.deep.equal([name, field, true]);
        await cluster.world.runFor(100);
        expect([cluster.questions, cluster.asked]).to.deep.equal([[], []]);
        await kv.close();
      }));
  }

  it('takes the longest key and value, and what merely looks odd', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      for (const key of [
        'x'.repeat(1_024),
        'é'.repeat(512),
        '__proto__',
        'constructor',
        '\u0000',
        ' ',
        '\ufffd',
        '\u{1f600}',
      ]) {
        await kv.put(key, `of ${key}`);
        expect(await kv.get(key)).to.equal(`of ${key}`);
      }
      await kv.put('k', huge.slice(1));
      await kv.put('k', '');
      expect(await kv.get('k')).to.equal('');
      await kv.close();
    }));

  it('a scan goes on behind the longest key', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const key = 'x'.repeat(1_024);
      for (const other of [key, 'y']) await kv.put(other, 'v');
      const keys: string[] = [];
      for await (const entry of kv.scan({ pageSize: 1 })) keys.push(entry.key);
      expect(keys).to.deep.equal([key, 'y']);
      await kv.close();
    }));

  it('keeps to limits of its own', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client({ maxKeyBytes: 3, maxValueBytes: 5 });
      await kv.put('abc', '12345');
      expect((await failureOf(kv.put('abcd', ''))).data).to.include({ field: 'key', bytes: 4, maxBytes: 3 });
      expect((await failureOf(kv.put('abc', '123456'))).data).to.include({ field: 'value', bytes: 6, maxBytes: 5 });
      await kv.close();
    }));

  for (const [what, options, field] of [
    ['no monitors', {}, 'monitors'],
    ['an empty list of monitors', { monitors: [] }, 'monitors'],
    ['a monitor without a port', { monitors: 'localhost' }, 'monitors'],
    ['a timeout below 0', { monitors: 'm:1', timeout: -1 }, 'timeout'],
    ['a ping interval of 0', { monitors: 'm:1', pingInterval: 0 }, 'pingInterval'],
    ['a ping interval without end', { monitors: 'm:1', pingInterval: Number.POSITIVE_INFINITY }, 'pingInterval'],
    ['a try timeout of 0', { monitors: 'm:1', tryTimeout: 0 }, 'tryTimeout'],
    ['keys of no bytes', { monitors: 'm:1', maxKeyBytes: 0 }, 'maxKeyBytes'],
    ['values of half a byte', { monitors: 'm:1', maxValueBytes: 0.5 }, 'maxValueBytes'],
    ['a listener that is none', { monitors: 'm:1', onNotice: 'x' }, 'onNotice'],
  ] as const) {
    it(`a client with ${what} is refused, by the name of the option`, () => {
      let failure: unknown;
      try {
        new Client(options as unknown as KVClientOptions);
      } catch (error) {
        failure = error;
      }
      expect(failure).to.be.instanceOf(UnderstudyError);
      const { name, data } = failure as UnderstudyError;
      expect([name, data.field]).to.deep.equal(['INVALID_PARAMS', field]);
    });
  }
});

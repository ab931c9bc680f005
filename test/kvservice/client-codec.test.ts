import { type Codec, codecs, KVClient } from '@understudy/kvservice';
import { expect } from 'chai';
import fc from 'fast-check';
import { textOf, valueOf } from '../../packages/kvservice/src/client/codec.ts';
import { failureOf, MONITOR, type ScriptedCluster, withCluster } from './client-cluster.ts';

interface Task {
  readonly title: string;
  readonly done: boolean;
}

function clientOf<Value>(cluster: ScriptedCluster, codec: Codec<Value>): KVClient<Value> {
  const { world } = cluster.world.process('client');
  return new KVClient({ monitors: MONITOR, world, codec });
}

describe('client: codecs', () => {
  it('json: values go in and come out as they are, by every operation', () =>
    withCluster(async (cluster) => {
      const kv = clientOf(cluster, codecs.json<Task>());
      const open: Task = { title: 'write', done: false };
      const done: Task = { title: 'write', done: true };
      await kv.put('t/1', open);
      expect(cluster.model.values.get('t/1')?.value).to.equal(JSON.stringify(open));
      expect(await kv.get('t/1')).to.deep.equal(open);
      expect(await kv.get('t/2')).to.equal(undefined);
      const { value, revision } = await kv.read('t/1');
      expect(value).to.deep.equal(open);
      expect(await kv.cas('t/1', open, done)).to.equal(true);
      expect(await kv.cas('t/1', open, null)).to.equal(false);
      const swap = await kv.casRevision('t/1', revision, open);
      expect(swap.current).to.deep.equal(done);
      const values: Task[] = [];
      for await (const entry of kv.scan({ prefix: 't/' })) values.push(entry.value);
      expect(values).to.deep.equal([done]);
      expect((await kv.scanPage({ prefix: 't/' })).entries.map((entry) => entry.value)).to.deep.equal([done]);
      expect((await kv.read('t/2')).value).to.equal(null);
      expect(await kv.delete('t/1')).to.equal(true);
      await kv.close();
    }));

  it('bytes: any bytes come back', () =>
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const codec = codecs.bytes();
        const whole = valueOf<Uint8Array>(codec, 'k', textOf(codec, 'value', bytes));
        expect(whole).to.deep.equal(bytes);
      }),
    ));

  it('bytes: a view into a larger buffer is that view alone, and a Buffer will do', () => {
    const codec = codecs.bytes();
    expect(codec.encode(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).to.equal('AgM=');
    expect(codec.encode(Buffer.from('hi'))).to.equal('aGk=');
  });

  it('a value that the codec cannot encode is refused, definitely not done, naming the field', () =>
    withCluster(async (cluster) => {
      const kv = clientOf(cluster, codecs.json<unknown>());
      const failure = await failureOf(kv.put('k', undefined));
      expect([failure.name, failure.definite, failure.data.field]).to.deep.equal(['INVALID_PARAMS', true, 'value']);
      expect((await failureOf(kv.cas('k', () => {}, 1))).data.field).to.equal('expected');
      expect((await failureOf(kv.casRevision('k', 1, 1n))).data.field).to.equal('value');
      expect(failure.message).to.equal('value: the codec json cannot encode it: JSON has no text for it');
      await kv.close();
    }));

  it('a value of another kind is INVALID_VALUE, and names the key', () =>
    withCluster(async (cluster) => {
      const text = cluster.client();
      await text.put('k', 'no json');
      const kv = clientOf(cluster, codecs.json());
      const failure = await failureOf(kv.get('k'));
      expect([failure.name, failure.code, failure.definite]).to.deep.equal(['INVALID_VALUE', -32030, true]);
      expect(failure.message).to.include('the value of "k" is not what the codec json reads');
      const bytes = clientOf(cluster, codecs.bytes());
      expect((await failureOf(bytes.get('k'))).message).to.include('it is not in base64');
      await Promise.all([text.close(), kv.close(), bytes.close()]);
    }));

  it('append and putHash work on texts: with a codec they are refused', () =>
    withCluster(async (cluster) => {
      const kv = clientOf(cluster, codecs.json());
      for (const operation of ['append', 'putHash'] as const) {
        const failure = await failureOf(kv[operation]('k', 'v'));
        expect([failure.name, failure.definite]).to.deep.equal(['INVALID_PARAMS', true]);
        expect(failure.message).to.equal(`${operation} works on texts only; this client has the codec json`);
      }
      await kv.close();
    }));

  it('a codec that is none is refused', () => {
    for (const codec of ['json', null, {}, { encode: () => '' }])
      expect(() => new KVClient({ monitors: MONITOR, codec: codec as never })).to.throw('codec must be an object with');
  });
});

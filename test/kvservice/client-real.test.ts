import { getEventListeners } from 'node:events';
import { KVClient, startServer } from '@understudy/kvservice';
import { JsonRpcTransport, type Listener, type Method, RealRandom, realWorld, type Transport } from '@understudy/rpc';
import { startMonitor } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { TimelessClock } from '../rpc/support/timeless-clock.ts';
import { failureOf } from './client-cluster.ts';

/** A server and a monitor in one, over real sockets, whose `kv.put` is the given one. */
async function listen(
  put: Method,
  transport: Transport = realWorld().transport,
): Promise<{ readonly listener: Listener; readonly close: () => Promise<void> }> {
  const listener: Listener = await transport.listen({
    address: '127.0.0.1:0',
    methods: {
      'sysmonitor.view': (_, reply) =>
        reply.result({ viewnum: 1, primary: listener.address, backups: [], syncing: [] }),
      'kv.openSession': (_, reply) => reply.result({ session: 's' }),
      'kv.put': put,
    },
  });
  const close = async () => {
    await listener.close();
    await transport.close();
  };
  return { listener, close };
}

describe('client: over real sockets, with a world of its own', () => {
  it('does every operation', async () => {
    const monitor = await startMonitor({ listen: '127.0.0.1:0', newCluster: true, pingInterval: 20 });
    const server = await startServer({ listen: '127.0.0.1:0', monitors: monitor.address, pingInterval: 20 });
    {
      await using kv = new KVClient({ monitors: monitor.address, timeout: 10_000, pingInterval: 20 });
      await Promise.all(Array.from({ length: 2_000 }, (_, i) => kv.append(`k${i % 300}`, 'x')));
      let entries = 0;
      let length = 0;
      for await (const { value } of kv.scan({ prefix: 'k' })) {
        entries++;
        length += value.length;
      }
      expect([entries, length]).to.deep.equal([300, 2_000]);
      expect(await kv.putHash('h', 'a')).to.equal('');
      expect(await kv.get('h', { consistency: 'sequential' })).to.equal('3826002220');
      expect(await kv.cas('h', '3826002220', null)).to.equal(true);
      expect(await kv.delete('h')).to.equal(false);
    }
    await server.close();
    await monitor.close();
  });

  it('close ends what is under way, with the truth, and leaves nothing that keeps the process', async () => {
    let arrived: (() => void) | undefined;
    const allArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let count = 0;
    const { listener, close } = await listen(() => {
      if (++count === 50) arrived?.();
    });
    const kv = new KVClient({ monitors: listener.address, tryTimeout: 60_000 });
    const { signal } = new AbortController();
    const operations = Array.from({ length: 50 }, (_, i) => failureOf(kv.put('k', 'v', i % 2 ? { signal } : {})));
    await allArrived;
    const unsent = failureOf(kv.put('k', 'v'));
    await kv.close();
    const failures = await Promise.all(operations);
    expect(failures.map(({ name, definite }) => [name, definite])).to.deep.equal(Array(50).fill(['CLOSED', false]));
    const { name, definite } = await unsent;
    expect([name, definite]).to.deep.equal(['CLOSED', true]);
    expect(getEventListeners(signal, 'abort')).to.have.length(0);
    await close();
  });

  it('operations of one turn arrive in one turn (C3)', async () => {
    const turns: number[] = [];
    let turn = 0;
    const transport = new JsonRpcTransport({ clock: new TimelessClock(), random: new RealRandom() });
    const { listener, close } = await listen((_, reply) => {
      if (turns.length === 0 || turns.at(-1) === turn) setImmediate(() => turn++);
      turns.push(turn);
      reply.result({ revision: 1 });
    }, transport);
    const kv = new KVClient({ monitors: listener.address });
    await kv.put('k', 'v');
    await new Promise(setImmediate);
    turns.length = 0;
    turn = 0;
    await Promise.all(Array.from({ length: 100 }, () => kv.put('k', 'v')));
    expect(new Set(turns).size).to.equal(1);
    await kv.close();
    await close();
  });
});

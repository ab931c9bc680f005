/** Bad input at a real monitor and a real server: the answers that the docs list, and the service goes on. */
import { KVClient, type Server, startServer } from '@understudy/kvservice';
import { type Monitor, startMonitor } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { BAD_INPUTS } from './support/bad-input.ts';
import { documentedOutcomes } from './support/errors-doc.ts';
import { httpOutcome, tcpOutcome } from './support/outcome.ts';

describe('bad input at a real cluster', () => {
  let monitor: Monitor;
  let server: Server;
  let client: KVClient;
  before(async () => {
    monitor = await startMonitor({ listen: '127.0.0.1:0', newCluster: true });
    server = await startServer({ listen: '127.0.0.1:0', monitors: monitor.address });
    client = new KVClient({ monitors: monitor.address });
    await client.put('kept', 'as it was');
  });
  after(async () => {
    await client.close();
    await server.close();
    await monitor.close();
  });

  const documented = documentedOutcomes();

  it('is answered over TCP as the docs say', async () => {
    const outcomes = new Map<string, string>();
    const expected = new Map<string, string>();
    for (const input of BAD_INPUTS) {
      if (input.tcp === undefined) continue;
      outcomes.set(input.name, await tcpOutcome((input.forMonitor ? monitor : server).address, input));
      expected.set(input.name, documented.get(input.name)?.tcp ?? 'not documented');
    }
    expect(Object.fromEntries(outcomes)).to.deep.equal(Object.fromEntries(expected));
  });

  it('is answered over HTTP as the docs say', async () => {
    const outcomes = new Map<string, string>();
    const expected = new Map<string, string>();
    for (const input of BAD_INPUTS) {
      if (input.http === undefined) continue;
      outcomes.set(input.name, await httpOutcome((input.forMonitor ? monitor : server).address, input));
      expected.set(input.name, documented.get(input.name)?.http ?? 'not documented');
    }
    expect(Object.fromEntries(outcomes)).to.deep.equal(Object.fromEntries(expected));
  });

  it('has changed nothing but the key that it named well', async () => {
    expect(await client.get('kept')).to.equal('as it was');
    expect(await client.get('__proto__')).to.equal('v');
    const keys: string[] = [];
    for await (const { key } of client.scan()) keys.push(key);
    expect(keys.toSorted()).to.deep.equal(['__proto__', 'kept']);
    expect(monitor.view).to.deep.include({ viewnum: 1, primary: server.address, backups: [] });
  });
});

/** The transport with which real sockets are made unreliable: without faults it is a Transport, with them it does what the lab does. */
import { type Listener, type Params, realWorld, type Transport, UnderstudyError } from '@understudy/rpc';
import { SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { realPassage } from '../rpc/support/real-passage.ts';
import { transportConformance } from '../support/conformance/index.ts';
import { FaultyTransport } from '../support/real-cluster/faulty-transport.ts';
import { NetworkFaults } from '../support/real-cluster/network-faults.ts';

const CALLS = 1_000;
/** Of each kind of fate, so many more or less are good luck: five standard deviations. */
const LUCK = 70;

function faultyTransport(process: string, faults = new NetworkFaults(new SeededRandom('faulty transport'))): Transport {
  return new FaultyTransport({ inner: realWorld({ onDefect: () => {} }).transport, process, faults });
}

transportConformance('JSON-RPC over sockets, through a network without faults', () => {
  const server = faultyTransport('server');
  return {
    server,
    client: faultyTransport('client'),
    listenAt: '127.0.0.1:0',
    nowhere: '127.0.0.1:1',
    ...realPassage(() => server.close()),
  };
});

describe('faulty transport', () => {
  let faults: NetworkFaults;
  let server: Transport;
  let client: Transport;
  let listener: Listener;
  let address: string;
  let executed: number;

  beforeEach(async () => {
    faults = new NetworkFaults(new SeededRandom('faulty transport'));
    server = faultyTransport('server', faults);
    client = faultyTransport('client', faults);
    executed = 0;
    const methods = {
      count: (_params: Params, reply: { result(value: object): void }) => {
        executed += 1;
        reply.result({});
      },
    };
    listener = await server.listen({ address: '127.0.0.1:0', methods });
    address = listener.address;
    faults.name('server', address);
  });

  afterEach(async () => {
    await client.close();
    await listener.close();
    await server.close();
  });

  async function call(timeoutMs = 50): Promise<string> {
    try {
      await client.call(address, 'count', {}, { timeoutMs });
      return 'answered';
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      expect(error.definite).to.equal(false);
      return error.name;
    }
  }

  it('loses a tenth of the requests, and of the others a fifth of the replies', async () => {
    faults.isUnreliable = (process) => process === 'server';
    const outcomes = await Promise.all(Array.from({ length: CALLS }, () => call(10_000)));
    const answered = outcomes.filter((outcome) => outcome === 'answered').length;
    expect(new Set(outcomes)).to.deep.equal(new Set(['answered', 'CONNECTION_LOST']));
    expect(executed).to.be.closeTo(0.9 * CALLS, LUCK);
    expect(answered).to.be.closeTo(0.72 * CALLS, LUCK);
    expect(faults.callsTo('server')).to.equal(executed);
  });

  it('loses nothing on the way to others', async () => {
    faults.isUnreliable = (process) => process === 'another';
    const outcomes = await Promise.all(Array.from({ length: CALLS }, () => call(10_000)));
    expect(new Set(outcomes)).to.deep.equal(new Set(['answered']));
  });

  it('lets nothing through a cut, and says nothing of it', async () => {
    faults.cut('server', 'client');
    expect(await call()).to.equal('TIMEOUT');
    expect(executed).to.equal(0);
    faults.heal();
    expect(await call(10_000)).to.equal('answered');
  });

  it('lets no reply through a cut that came after the request', async () => {
    const calling = call();
    faults.cut('client', 'server');
    expect(await calling).to.equal('TIMEOUT');
    expect(executed).to.equal(1);
  });

  it('keeps requests back until they are released', async () => {
    const hold = faults.hold('client', 'server');
    const calling = call(10_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hold.held).to.equal(1);
    expect(executed).to.equal(0);
    hold.release();
    expect(await calling).to.equal('answered');
    expect(await call(10_000)).to.equal('answered');
  });

  it('ends what it keeps back or has lost when it is closed', async () => {
    faults.hold('client', 'server');
    const calling = call(Infinity);
    await client.close();
    expect(await calling).to.equal('CLOSED');
  });
});

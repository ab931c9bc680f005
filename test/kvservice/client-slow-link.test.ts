/** Clients over real sockets whose way to the servers and the monitor is long or thin. */
import { type ClientNotice, KVClient, type Server, startServer } from '@understudy/kvservice';
import { type Monitor, startMonitor } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { SlowLink, type SlowLinkOptions } from '../support/slow-link.ts';

interface Far {
  readonly kv: KVClient;
  readonly notices: readonly ClientNotice[];
  readonly toServer: SlowLink;
  readonly server: Server;
}

/** A near cluster of one server, and a client at the other end of two such links. */
async function farAway(options: SlowLinkOptions, story: (far: Far) => Promise<void>): Promise<void> {
  await using toMonitor = new SlowLink(options);
  await using toServer = new SlowLink(options);
  const monitor: Monitor = await startMonitor({ listen: '127.0.0.1:0', newCluster: true });
  toMonitor.leadTo(monitor.address);
  const advertise = await toServer.listen();
  const listen = `127.0.0.1:${(await freePorts(1))[0]}`;
  const server = await startServer({ listen, advertise, monitors: monitor.address });
  toServer.leadTo(listen);
  const notices: ClientNotice[] = [];
  const kv = new KVClient({ monitors: await toMonitor.listen(), onNotice: (notice) => notices.push(notice) });
  try {
    await story({ kv, notices, toServer, server });
  } finally {
    await kv.close();
    await server.kill();
    await monitor.close();
  }
}

const MIB = 1024 * 1024;

describe('client: over links that are long or thin', function () {
  this.timeout(60_000);

  it('a round trip of 520 ms: every operation is answered, and soon none is sent twice', () =>
    farAway({ delayMs: 260 }, async ({ kv, notices, server }) => {
      await kv.put('k', 'v');
      await kv.append('k', 'w');
      expect(await kv.get('k')).to.equal('vw');
      const retries = () => notices.filter(({ kind }) => kind === 'retry').length;
      const before = retries();
      for (let count = 0; count < 5; count++) await kv.put('k', `${count}`);
      const entries: string[] = [];
      for await (const { value } of kv.scan()) entries.push(value);
      expect([entries, retries() - before]).to.deep.equal([['4'], 0]);
      const snapshot = await kv.snapshot();
      expect(snapshot.keys).to.equal(1);
      expect((await kv.updateView()).primary).to.equal(server.address);
    }));

  it('a value of 1 MiB over 1 MB/s: it is sent once, or twice before the rate is known; so is one that is read', () =>
    farAway({ bytesPerMs: 1_000 }, async ({ kv, toServer }) => {
      const value = 'v'.repeat(MIB);
      await kv.put('k', value);
      await kv.put('l', value);
      expect(toServer.sent).to.be.below(3 * MIB + MIB / 2);
      const before = toServer.sent;
      await Promise.all([kv.put('k', value), kv.put('l', value), kv.put('m', value)]);
      expect(toServer.sent - before).to.be.below(4 * MIB);
      expect((await kv.get('k'))?.length).to.equal(MIB);
    }));

  it('what is too slow for its caller is said, with the rate that was measured', () =>
    farAway({ bytesPerMs: 1_000 }, async ({ kv }) => {
      const value = 'v'.repeat(MIB);
      await kv.put('k', value);
      const failure = await kv.put('k', value, { timeout: 700 }).catch((error) => error);
      expect([failure.name, failure.definite]).to.deep.equal(['TIMEOUT', false]);
      expect(failure.message).to.match(/takes about \d\.\d MB\/s/);
    }));
});

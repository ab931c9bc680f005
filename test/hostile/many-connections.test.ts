/** Connections that say nothing, that never finish and that never read: new clients are served, memory is bounded, and the view stays. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KVClient } from '@understudy/kvservice';
import { MonitorClient } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { RawConnection } from '../rpc/support/raw-connection.ts';
import { untilInSync } from './support/in-sync.ts';
import { WatchedProcess } from './support/watched-process.ts';

const MIB = 2 ** 20;
/** What is held for connections, and what garbage is left of it until it is collected. */
const MOST_BYTES = 400 * MIB;

/** A machine that stands still for a while is no failure. */
const PATIENT = { deadPings: 50 };

class HostileCluster implements AsyncDisposable {
  readonly nodes: readonly WatchedProcess[];
  readonly client: KVClient;
  readonly #connections: RawConnection[] = [];

  private constructor(nodes: readonly WatchedProcess[]) {
    this.nodes = nodes;
    this.client = new KVClient({ monitors: this.monitor.address });
  }

  static async start(shell = ':', dataDir?: string): Promise<HostileCluster> {
    const data = (name: string): object => (dataDir === undefined ? {} : { dataDir: join(dataDir, name) });
    const monitor = await WatchedProcess.start('monitor', { ...PATIENT, ...data('monitor') }, shell);
    const options = { monitors: monitor.address, ...PATIENT };
    const server = await WatchedProcess.start('server', { ...options, ...data('server') }, shell);
    const first = new KVClient({ monitors: monitor.address });
    await first.put('first', 'v');
    await first.close();
    const backup = await WatchedProcess.start('server', { ...options, ...data('backup') }, shell);
    await untilInSync(monitor.address);
    return new HostileCluster([monitor, server, backup]);
  }

  get monitor(): WatchedProcess {
    return this.nodes[0] as WatchedProcess;
  }

  get server(): WatchedProcess {
    return this.nodes[1] as WatchedProcess;
  }

  /** Opens so many connections, and says something on each. */
  async open(address: string, count: number, say: (connection: RawConnection) => void = () => {}): Promise<void> {
    for (let opened = 0; opened < count; opened += 64) {
      const more = Array.from({ length: Math.min(64, count - opened) }, () => RawConnection.open(address));
      for (const connection of await Promise.all(more)) {
        this.#connections.push(connection);
        say(connection);
      }
    }
  }

  /** A new client finds the primary, writes and reads; the client that there was does too, and nobody has changed places. */
  async expectService(): Promise<void> {
    await using fresh = new KVClient({ monitors: this.monitor.address });
    await fresh.put('fresh', 'served');
    expect(await this.client.get('fresh')).to.equal('served');
    await this.client.put('known', 'served');
    expect(await fresh.get('known')).to.equal('served');
    const { view } = await new MonitorClient({ monitors: this.monitor.address }).status();
    expect(view).to.deep.include({ primary: this.server.address, backups: [this.nodes[2]?.address], syncing: [] });
    expect(view.viewnum).to.be.at.most(3);
    expect(this.nodes.map(({ isOver }) => isOver)).to.deep.equal([false, false, false]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await this.client.close();
    for (const node of this.nodes) await node[Symbol.asyncDispose]();
  }
}

describe('many connections', function () {
  this.timeout(120_000);

  it('that say nothing, as many as there are places and more', async () => {
    await using cluster = await HostileCluster.start();
    for (const node of cluster.nodes) await cluster.open(node.address, 2_200);
    await cluster.expectService();
  });

  it('that begin large requests and do not finish them', async () => {
    await using cluster = await HostileCluster.start();
    const { rss } = await cluster.server.read();
    await cluster.open(cluster.server.address, 60, (connection) => connection.say(Buffer.alloc(8 * MIB - 1, 'x')));
    await cluster.expectService();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await cluster.expectService();
    expect((await cluster.server.read()).rss - rss).to.be.below(MOST_BYTES);
  });

  it('that never read the answers to what they ask', async () => {
    await using cluster = await HostileCluster.start();
    await cluster.client.put('large', 'x'.repeat(MIB));
    const { rss } = await cluster.server.read();
    const get = '{"jsonrpc":"2.0","id":1,"method":"kv.get","params":{"key":"large"}}';
    const swap = '{"jsonrpc":"2.0","id":1,"method":"kv.cas","params":{"key":"large","expected":"no","value":"y"}}';
    await cluster.open(cluster.server.address, 20, (connection) => {
      connection.socket.pause();
      connection.say(`[${Array(7).fill(get).join()}]\n${`${swap}\n`.repeat(200)}`);
    });
    await cluster.expectService();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await cluster.expectService();
    expect((await cluster.server.read()).rss - rss).to.be.below(MOST_BYTES);
  });

  it('to processes with a small heap: they hold less for them', async () => {
    await using cluster = await HostileCluster.start('export NODE_OPTIONS=--max-old-space-size=64');
    for (const { address } of cluster.nodes) {
      const ended: Promise<unknown>[] = [];
      // Together they take 32 MiB: with the bounds of a large heap all of them might stay.
      await cluster.open(address, 4, (connection) => {
        ended.push(connection.untilEnd());
        connection.say(Buffer.alloc(8 * MIB - 1, 'x'));
      });
      await Promise.any(ended);
    }
    await cluster.expectService();
  });

  it('to processes that may have few files open', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-files-'));
    try {
      await using cluster = await HostileCluster.start('ulimit -n 96', directory);
      for (const node of cluster.nodes) await cluster.open(node.address, 300);
      await cluster.expectService();
      const value = 'v'.repeat(1_000);
      await Promise.all(Array.from({ length: 5_000 }, (_, index) => cluster.client.put(`k${index}`, value)));
      for (const node of cluster.nodes) await cluster.open(node.address, 300);
      await cluster.expectService();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CommandProcess, eventually } from '../cli/command.ts';
import { RealCluster } from './real-cluster.ts';

const KEYS = 50;
const ROUNDS = Number(process.env.ROUNDS ?? 3);

describe('real processes: several servers are told to leave at the same time', function () {
  this.timeout(60_000 + ROUNDS * 20_000);

  it(`${ROUNDS} times primary and backup, in memory, next to an idle server: it gets all the data (V14)`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await using cluster = await RealCluster.start(3);
      for (let count = 0; count < KEYS; count++) await cluster.kv.put(`k${count}`, String(count));
      const { primary, backup } = await cluster.inSync();
      for (const server of [primary, backup]) cluster.signal(server, 'SIGTERM');
      const ends = await Promise.all([primary, backup].map((server) => cluster.ended(server)));
      expect(ends.map(({ code }) => code)).to.deep.equal([0, 0]);
      const { view } = await cluster.status();
      expect([primary, backup]).not.to.include(view.primary);
      for (let count = 0; count < KEYS; count++) expect(await cluster.kv.get(`k${count}`)).to.equal(String(count));
    }
  });

  it('all of them, in memory: whoever goes last says what is lost, and exits with 1 (V14)', async () => {
    await using cluster = await RealCluster.start(3);
    await cluster.kv.put('k', 'v');
    await cluster.inSync();
    const servers = cluster.servers;
    for (const server of servers) cluster.signal(server, 'SIGTERM');
    const ends = await Promise.all(servers.map((server) => cluster.ended(server)));
    // Whether the backup still hears the primary when it goes is a matter of milliseconds: it may say the same.
    const failed = servers.filter((_, place) => ends[place]?.code !== 0);
    expect(failed, 'servers that exited with 1').to.have.lengthOf.within(1, 2);
    for (const server of failed) {
      const said = cluster.errorsOf(server).filter((line) => line.startsWith('understudy: '));
      // A backup hears late of what is committed.
      expect(said.join()).to.match(
        /^understudy: no server that stays holds the data: (1 key is|the last operations are) lost/,
      );
    }
  });

  it('a lone server with a disk: nothing is lost, and it says that nobody else holds the data (V14)', async () => {
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0');
    const address = await monitor.address();
    const directory = await mkdtemp(join(tmpdir(), 'understudy-leave-'));
    try {
      await using server = new CommandProcess('server', '--listen', '0', '--monitor', address, '--data', directory);
      const name = await server.address();
      await using put = new CommandProcess('put', 'k', 'v', '--monitor', address);
      expect((await put.ended).code, `put at ${name}`).to.equal(0);
      server.signal('SIGTERM');
      expect((await server.ended).code).to.equal(1);
      await eventually('it says so', () =>
        server.errors.some((line) => line.includes('nothing is lost: it is on the disk')),
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

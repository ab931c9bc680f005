/**
 * Scenario 29: servers with a heap of 64 MB are given 100 MB. Writes are refused, reads go on, both servers live, and each starts again
 * from its disk and from the other (M1 to M4).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KVClient, type ServerStatus } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { CommandProcess, eventually } from '../cli/command.ts';

const HEAP = '--max-old-space-size=64';
const VALUE = 'v'.repeat(100_000);
const VALUES = 1_000;
/** For a transfer of all that a server holds, on a machine with other work. */
const PATIENCE_MS = 60_000;

describe('29: a full heap', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  for (const [what, hasDisk] of [
    ['in memory', false],
    ['with --data', true],
  ] as const) {
    it(`${what}: writes are refused, reads and deletes go on, and every server comes back`, async () => {
      const data = (name: string) => (hasDisk ? ['--data', join(directory, name)] : []);
      await using monitor = new CommandProcess('monitor', '--new', '--listen', '0', ...data('monitor'));
      const monitors = await monitor.address();
      const start = async (name: string, listen = '0') => {
        const server = new CommandProcess(HEAP, 'server', '--listen', listen, '--monitor', monitors, ...data(name));
        return { server, address: await server.address() };
      };
      let a = await start('a');
      let b = await start('b');
      const kv = new KVClient({ monitors, timeout: 60_000 });
      try {
        await eventually('a backup is in sync', async () => (await kv.updateView()).backups.length === 1);
        const { refused, others } = await fill(kv);
        expect(others, 'what else writes failed with').to.deep.equal([]);
        expect(refused, 'writes that were refused').to.be.above(VALUES / 2);
        expect(await kv.get('k0')).to.equal(VALUE);
        expect((await statusOf(a.address)).memory.heldBytes).to.be.below((await statusOf(a.address)).memory.maxBytes);

        const inSync = async () => {
          const { backups, syncing } = await kv.updateView();
          return backups.length === 1 && syncing.length === 0;
        };
        await eventually('the backup is in sync before the death', inSync, PATIENCE_MS);
        a.server.signal('SIGKILL');
        await a.server.ended;
        expect(await kv.get('k1'), 'after the failover').to.equal(VALUE);
        a = await start('a', a.address);
        await eventually(
          'a is in sync again',
          async () => {
            const { role, keys, ready } = await statusOf(a.address);
            return role === 'backup' && ready && keys === (await statusOf(b.address)).keys;
          },
          PATIENCE_MS,
        );
        if (hasDisk) {
          for (const { server } of [a, b]) server.signal('SIGKILL');
          await Promise.all([a.server.ended, b.server.ended]);
          [a, b] = await Promise.all([start('a', a.address), start('b', b.address)]);
        }
        expect(await kv.get('k2'), 'in the end').to.equal(VALUE);
        for (let key = 0; key < 60; key++) await kv.delete(`k${key}`);
        await kv.put('another', 'value');
      } finally {
        await kv.close();
        for (const { server } of [a, b]) await server[Symbol.asyncDispose]();
      }
    }).timeout(180_000);
  }
});

async function fill(kv: KVClient): Promise<{ readonly refused: number; readonly others: readonly string[] }> {
  let refused = 0;
  const others: string[] = [];
  const put = (key: string) =>
    kv.put(key, VALUE).catch((error: UnderstudyError) => {
      // Not definite where an earlier try got no answer in time, as may be on a slow machine.
      if (error.name === 'NO_SPACE') refused += 1;
      else others.push(`${error.name}, definite: ${error.definite}`);
    });
  for (let from = 0; from < VALUES; from += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, place) => put(`k${from + place}`)));
  }
  return { refused, others };
}

async function statusOf(address: string): Promise<ServerStatus> {
  return (await (await fetch(`http://${address}/status`)).json()) as ServerStatus;
}

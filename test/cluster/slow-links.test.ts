/**
 * Scenario 28 with real processes: a thin line to the backup, a distant client, and long ways everywhere.
 *
 * A process that stalls on a busy machine must not look like the fault. So the time of silence is three times the usual where a line is
 * thin, and what is sent takes longer still: a heartbeat that waited behind it would come too late on any machine.
 */
import { KVClient } from '@understudy/kvservice';
import { expect } from 'chai';
import { CommandProcess } from '../cli/command.ts';
import { LinkedCluster, PATIENCE_MS } from './linked-cluster.ts';

const MIB = 1024 * 1024;
/** Silence of 1.5 s. */
const FLAGS = ['--dead-pings', '15'];
const NEAR = {};

/** A text of so many characters, none like the one before it, so that no part passes for another. */
function text(length: number, salt: number): string {
  let value = '';
  for (let part = 0; value.length < length; part++) value += `${salt}:${part * 7919};`;
  return value.slice(0, length);
}

describe('28: a thin line to the backup, real processes', function () {
  this.timeout(3 * PATIENCE_MS);

  for (const { what, bytesPerMs, values } of [
    { what: 'one put of 1 MiB, for which the line needs 2.1 s', bytesPerMs: 500, values: 1 },
    { what: 'three puts of 1 MiB at once over 1 MB/s', bytesPerMs: 1_000, values: 3 },
    { what: '30 puts of 1 MiB at once over 12 MB/s', bytesPerMs: 12_000, values: 30 },
  ]) {
    it(`${what}: all are acknowledged, small ones beside them too, and no view changes`, async () => {
      await using cluster = await LinkedCluster.start({ servers: [NEAR, { bytesPerMs }], flags: FLAGS });
      const { view } = await cluster.status();
      const kv = new KVClient({ monitors: cluster.monitor, timeout: PATIENCE_MS });
      try {
        const puts = Array.from({ length: values }, (_, salt) => kv.put(`large-${salt}`, text(MIB, salt)));
        await kv.put('small', 'value');
        await Promise.all(puts);
        expect((await cluster.status()).view, 'the view').to.deep.equal(view);
        // What was acknowledged is at the backup, whole.
        cluster.servers[0]?.signal('SIGKILL');
        expect(await kv.get('small')).to.equal('value');
        for (let salt = 0; salt < values; salt++)
          expect((await kv.get(`large-${salt}`)) === text(MIB, salt), `large-${salt}`).to.equal(true);
      } finally {
        await kv.close();
      }
    });
  }
});

describe('28: a distant client, real processes', function () {
  this.timeout(3 * PATIENCE_MS);
  /** The primary's backup is near: only what asks the primary or the monitor takes the long way. */
  const far = () => LinkedCluster.start({ servers: [{ delayMs: 260 }, NEAR], monitor: { delayMs: 260 }, flags: FLAGS });

  it('a round trip of 520 ms: put, get, scan and status answer on the command line', async () => {
    await using cluster = await far();
    const run = (command: string, ...args: string[]) => answerOf(command, '--monitor', cluster.monitor, ...args);
    for (const key of ['k', 'l']) {
      const { code, lines, errors } = await run('put', key, `value of ${key}`);
      expect([code, errors]).to.deep.equal([0, []]);
      expect(lines.join()).to.match(/^revision \d+$/);
    }
    expect(await run('get', 'k')).to.deep.equal({ code: 0, lines: ['value of k'], errors: [] });
    expect((await run('scan')).lines).to.deep.equal(['k\tvalue of k', 'l\tvalue of l']);
    const status = await run('status', '--json');
    expect(status.code).to.equal(0);
    const { servers } = JSON.parse(status.lines.join('\n')) as { servers: { role: string; keys: number | null }[] };
    expect(servers.map(({ role, keys }) => [role, keys])).to.deep.equal([
      ['primary', 2],
      ['backup', 2],
    ]);
  });

  it('a client keeps its session: what it appends is there once', async () => {
    await using cluster = await far();
    const kv = new KVClient({ monitors: cluster.monitor, timeout: PATIENCE_MS });
    try {
      for (const piece of ['a', 'b', 'c', 'd']) await kv.append('k', piece);
      expect(await kv.get('k')).to.equal('abcd');
    } finally {
      await kv.close();
    }
  });
});

describe('28: 1 MiB over 1 MB/s from the client, real processes', function () {
  this.timeout(3 * PATIENCE_MS);

  it('is acknowledged and comes back, from the library and on the command line', async () => {
    await using cluster = await LinkedCluster.start({ servers: [{ bytesPerMs: 1_000 }, NEAR], flags: FLAGS });
    const kv = new KVClient({ monitors: cluster.monitor, timeout: PATIENCE_MS });
    try {
      await kv.put('large', text(MIB, 1));
      expect((await kv.get('large')) === text(MIB, 1), 'the value').to.equal(true);
      const { code, lines } = await answerOf('get', '--monitor', cluster.monitor, '--timeout', '60000', 'large');
      expect([code, lines.join('\n') === text(MIB, 1)]).to.deep.equal([0, true]);
    } finally {
      await kv.close();
    }
  });
});

describe('28: 300 ms each way on every link, real processes', function () {
  this.timeout(3 * PATIENCE_MS);
  const LONG = { delayMs: 300 };

  it('with --ping-interval 1000: writes of all sizes, a failover and a newcomer', async () => {
    await using cluster = await LinkedCluster.start({
      servers: [LONG, LONG],
      monitor: LONG,
      flags: ['--ping-interval', '1000'],
    });
    const { view } = await cluster.status();
    const kv = new KVClient({ monitors: cluster.monitor, pingInterval: 1_000, timeout: PATIENCE_MS });
    try {
      for (let count = 0; count < 5; count++) await kv.append('k', `${count}`);
      await kv.put('large', text(MIB, 1));
      expect((await cluster.status()).view, 'the view').to.deep.equal(view);
      cluster.servers[0]?.signal('SIGKILL');
      await kv.append('k', '5');
      await cluster.addServer(LONG);
      await cluster.inSync(2);
      expect(await kv.get('k')).to.equal('012345');
      expect((await kv.get('large')) === text(MIB, 1), 'the value').to.equal(true);
    } finally {
      await kv.close();
    }
  });
});

interface Answer {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: readonly string[];
}

/** Of one command, with the options that it has by default. */
async function answerOf(...args: string[]): Promise<Answer> {
  await using command = new CommandProcess(...args);
  const { code } = await command.ended;
  return { code, lines: command.lines, errors: command.errors };
}

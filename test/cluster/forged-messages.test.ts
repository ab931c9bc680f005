import { realWorld, UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { CommandProcess, eventually } from '../cli/command.ts';
import { RealCluster } from './real-cluster.ts';

const KEYS = 50;
const NAMES = 1_000;
/** Above it common clients refuse an answer. */
const MOST_HEADER_BYTES = 16 * 1024;
/** None is HOST:PORT. */
const WRONG_NAMES = ['http://evil.example', '\u001b[2J\u001b[31mx:1', 'x:1\nall is well', `${'x'.repeat(300)}:1`];
const PING = 'sysmonitor.ping';
/** No run of a server is greater. */
const NEWER = 'ffffffff-ffff-7fff-bfff-ffffffffffff';

interface Known {
  readonly incarnation: string;
  readonly view: View;
}

describe('real processes: messages are forged by a sender that is no server', function () {
  this.timeout(60_000);

  it('31: they are refused and counted, and the next failover loses nothing (R3, V11, V12, L6)', async () => {
    await using cluster = await RealCluster.start(3);
    await using sender = new Sender();
    for (let key = 0; key < KEYS; key++) await cluster.kv.put(`k${key}`, String(key));
    const { primary, backup } = await cluster.inSync();
    const before = (await cluster.status()).view;

    await forgeMessages(sender, cluster.servers, { primary, backup });
    await forgePings(sender, cluster.monitor, { known: await sender.known(primary), primary, backup });
    await cluster.kv.put('after', 'the forgeries');
    expect((await cluster.status()).view, 'the view').to.deep.equal(before);
    await expectCounted(cluster, { primary, backup });
    await expectPlain(cluster, primary);

    cluster.signal(primary, 'SIGKILL');
    await eventually('the backup is primary', async () => {
      const { view, phase } = await cluster.status();
      expect(phase, 'phase').to.equal('serving');
      return view.primary === backup;
    });
    for (let key = 0; key < KEYS; key++) expect(await cluster.kv.get(`k${key}`)).to.equal(String(key));
    expect(await cluster.kv.get('after')).to.equal('the forgeries');
    await cluster.kv.put('later', 'too');
    expect((await cluster.status()).view.viewnum, 'views given for the failover').to.be.below(before.viewnum + 1_000);
  });
});

/** Sends what it likes, and gives what it is answered: the failure, or the answer, as text. */
class Sender implements AsyncDisposable {
  readonly #transport = realWorld().transport;

  async send(to: string, method: string, params: object): Promise<string> {
    try {
      return JSON.stringify(await this.#transport.call(to, method, params, { timeoutMs: 10_000 }));
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return `${error.name}: ${error.message}`;
    }
  }

  async known(server: string): Promise<Known> {
    return (await this.#transport.call(server, 'kv.status', {}, { timeoutMs: 10_000 })) as Known;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#transport.close();
  }
}

interface Members {
  readonly primary: string;
  readonly backup: string;
}

async function forgeMessages(sender: Sender, servers: readonly string[], { primary, backup }: Members): Promise<void> {
  const { view, incarnation } = await sender.known(primary);
  const nothing = { previous: { viewnum: 1, index: 1 }, entries: [], commit: 0, number: 1_000_000, secret: 'guessed' };
  for (const server of servers) {
    const to = (await sender.known(server)).incarnation;
    const viewnum = view.viewnum + 1_000;
    const incarnations = { 'evil.example:1': NEWER };
    const madeUp = { ...view, viewnum, primary: 'evil.example:1', backups: [], syncing: [], incarnations };
    const from = { server: 'evil.example:1', incarnation: NEWER, cluster: view.cluster, to, viewnum };
    expect(await sender.send(server, 'kv.prepare', { ...nothing, ...from, view: madeUp })).to.contain('not confirmed');
    expect((await sender.known(server)).view.viewnum, `the view of ${server}`).to.equal(view.viewnum);
  }
  const { incarnation: to } = await sender.known(backup);
  const envelope = { server: primary, incarnation, cluster: view.cluster, to, viewnum: view.viewnum };
  const entries = [{ viewnum: view.viewnum, operations: [['put', {}, 'v']] }];
  expect(await sender.send(backup, 'kv.prepare', { ...nothing, ...envelope, entries })).to.contain('entries[0]');
  expect(await sender.send(backup, 'kv.release', { ...nothing, ...envelope })).to.contain('"refused"');
}

async function forgePings(
  sender: Sender,
  monitor: string,
  { known, primary, backup }: Members & { readonly known: Known },
): Promise<void> {
  const { view } = known;
  const claims = [
    { server: 'evil.example:1', viewnum: 900_000, cluster: view.cluster },
    { server: primary, viewnum: 900_000, cluster: view.cluster, incarnation: known.incarnation },
    { server: primary, viewnum: 0, cluster: view.cluster, incarnation: NEWER },
    { server: backup, viewnum: 0, cluster: view.cluster, incarnation: NEWER, secret: 'guessed' },
  ];
  for (const claim of claims) expect(await sender.send(monitor, PING, claim)).to.contain('server: nothing answer');
  for (const server of WRONG_NAMES) {
    expect(await sender.send(monitor, PING, { server, viewnum: 0 })).to.match(/^INVALID_PARAMS: server must be/);
  }
  const noRun = { server: primary, viewnum: 0, incarnation: 'zzz' };
  expect(await sender.send(monitor, PING, noRun)).to.match(/^INVALID_PARAMS: incarnation must be/);
  const names = Array.from({ length: NAMES }, (_, number) => `name-${number}.evil.example:1`);
  await Promise.all(names.map((server) => sender.send(monitor, PING, { server, viewnum: 0 })));
}

async function expectCounted({ monitor }: RealCluster, { primary, backup }: Members): Promise<void> {
  const messages = 'understudy_messages_refused_total';
  // The view and the sender are asked about one by one.
  expect((await refusals(primary, messages)).unconfirmed, 'unconfirmed at the primary').to.be.at.least(1);
  const atBackup = await refusals(backup, messages);
  expect(atBackup).to.include({ malformed: 1, unfit: 1 });
  expect(atBackup.unconfirmed, 'unconfirmed at the backup').to.be.at.least(1);
  const pings = await refusals(monitor, 'understudy_monitor_pings_refused_total');
  expect(pings).to.include({ malformed: WRONG_NAMES.length + 1, unconfirmed: 4 });
}

/** By reason. */
async function refusals(server: string, metric: string): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`http://${server}/metrics`)).text();
  const counts = text.matchAll(new RegExp(`^${metric}\\{why="(\\w+)"\\} (\\d+)$`, 'gm'));
  return Object.fromEntries([...counts].map(([, why, count]) => [why, Number(count)]));
}

/** Nothing of the names that are none is shown, and the names that may be some do not make headers long. */
async function expectPlain({ monitor }: RealCluster, primary: string): Promise<void> {
  await using status = new CommandProcess('status', '--monitor', monitor);
  await status.ended;
  const shown = status.lines.join('\n');
  expect(shown).to.contain(primary);
  expect(shown).not.to.match(/\u001b|http:|all is well/);
  for (const server of [monitor, primary]) {
    const { headers } = await fetch(`http://${server}/`);
    const bytes = [...headers].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(bytes, `bytes of headers of ${server}`).to.be.below(MOST_HEADER_BYTES);
  }
}

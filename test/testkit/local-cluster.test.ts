/** The local cluster: members come and go as they are told, nothing acknowledged is lost, and nothing is left at the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KVClient } from '@understudy/kvservice';
import { type FailureName, realWorld, UnderstudyError } from '@understudy/rpc';
import { type Cluster, type ClusterOptions, startCluster } from '@understudy/testkit';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const QUICK = { pingInterval: 50 };
/** Nobody is counted out for silence while a test runs. */
const PATIENT = { deadPings: 1_000 };

describe('local cluster', () => {
  it('starts with a full view, one primary and the rest in their places', async () => {
    await using cluster = await startCluster({ ...QUICK, servers: 4, backups: 2 });
    const roles = cluster.servers.map(({ role }) => role);
    expect(roles.toSorted()).to.deep.equal(['backup', 'backup', 'idle', 'primary']);
    const { primary, backups, syncing } = cluster.view;
    expect(syncing).to.deep.equal([]);
    expect([cluster.primary, cluster.backups]).to.deep.equal([primary, backups]);
    expect(rolesOf(cluster, [primary, ...backups])).to.deep.equal(['primary', 'backup', 'backup']);
  });

  it('has two servers unless told otherwise, or as few as one', async () => {
    await using two = await startCluster(QUICK);
    expect([two.servers.length, two.backups.length]).to.deep.equal([2, 1]);
    await using one = await startCluster({ ...QUICK, servers: 1 });
    expect([one.servers.length, one.backups.length]).to.deep.equal([1, 0]);
  });

  it('with a directory: what was written is there after the whole cluster has ended, and after a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'local-cluster-'));
    try {
      {
        await using cluster = await startCluster({ ...QUICK, dataDir });
        await cluster.client().put('k', 'v');
      }
      await using cluster = await startCluster({ ...QUICK, dataDir });
      const kv = cluster.client();
      expect(await kv.get('k')).to.equal('v');
      await cluster.restart('monitor');
      await cluster.restart('primary');
      expect(await kv.get('k')).to.equal('v');
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('refuses options that there are not, and a directory that holds something else', async () => {
    const misspelt = await failureOf(startCluster({ server: 3 } as never), 'INVALID_PARAMS');
    expect(misspelt.message).to.equal('startCluster has no option server; did you mean servers?');
    const dataDir = mkdtempSync(join(tmpdir(), 'local-cluster-'));
    writeFileSync(join(dataDir, 'cluster.json'), '{"monitor":7}');
    await failureOf(startCluster({ dataDir }), 'INVALID_PARAMS');
    rmSync(dataDir, { recursive: true });
  });

  it('serves its own clients and those that others make', async () => {
    await using cluster = await startCluster(QUICK);
    await cluster.client().put('k', 'v');
    await using kv = new KVClient({ monitors: cluster.monitors, timeout: 10_000 });
    expect(await kv.get('k')).to.equal('v');
  });

  it('kill: the primary goes without a goodbye, and nothing acknowledged is lost', async () => {
    await using cluster = await startCluster({ ...QUICK, servers: 3 });
    const kv = cluster.client();
    await kv.put('k', 'v');
    const { primary, backups } = cluster;
    expect(await cluster.kill('primary')).to.equal(primary);
    expect(rolesOf(cluster, [primary])).to.deep.equal(['down']);
    expect(await kv.get('k')).to.equal('v');
    const view = await cluster.waitUntilInSync();
    expect(view.primary).to.equal(backups[0]);
    expect(view.backups).to.have.length(1).and.not.include(primary);
    expect(await cluster.kill('primary')).to.equal(backups[0]);
    expect(await kv.get('k')).to.equal('v');
  });

  it('kill: without the monitor noticing the silence there is no other primary', async () => {
    await using cluster = await startCluster(PATIENT);
    const { primary, view } = cluster;
    await cluster.kill('primary');
    await failureOf(cluster.waitUntilInSync({ timeoutMs: 300 }), 'TIMEOUT');
    expect([cluster.primary, cluster.view.viewnum]).to.deep.equal([primary, view.viewnum]);
  });

  it('kill: of several backups one after the other, until none runs', async () => {
    await using cluster = await startCluster({ ...PATIENT, servers: 3, backups: 2 });
    const { backups } = cluster;
    expect([await cluster.kill('backup'), await cluster.kill('backup')]).to.deep.equal(backups);
    expect((await failureOf(cluster.kill('backup'), 'INVALID_PARAMS')).message).to.include('backup does not run');
  });

  it('stop: the primary hands over before it ends', async () => {
    await using cluster = await startCluster(PATIENT);
    const kv = cluster.client();
    await kv.put('k', 'v');
    const { primary, backups } = cluster;
    expect(await cluster.stop('primary')).to.equal(primary);
    expect(rolesOf(cluster, [primary])).to.deep.equal(['down']);
    expect(await kv.get('k')).to.equal('v');
    expect(cluster.primary).to.equal(backups[0]);
  });

  it('restart: a killed backup takes its seat again, and learns what it missed', async () => {
    await using cluster = await startCluster(QUICK);
    const kv = cluster.client();
    await kv.put('before', '1');
    const killed = await cluster.kill('backup');
    expect((await cluster.waitUntilInSync()).backups).to.deep.equal([]);
    await kv.put('meanwhile', '2');
    expect(await cluster.restart(killed)).to.equal(killed);
    expect((await cluster.waitUntilInSync()).backups).to.deep.equal([killed]);
    await cluster.kill('primary');
    expect([await kv.get('before'), await kv.get('meanwhile')]).to.deep.equal(['1', '2']);
    expect(cluster.primary).to.equal(killed);
  });

  it('restart: what runs begins anew, with empty memory', async () => {
    await using cluster = await startCluster(PATIENT);
    const kv = cluster.client();
    await kv.put('k', 'v');
    const { primary, backups } = cluster;
    expect(await cluster.restart('primary')).to.equal(primary);
    const view = await cluster.waitUntilInSync();
    expect([view.primary, ...view.backups]).to.deep.equal([backups[0], primary]);
    expect(await kv.get('k')).to.equal('v');
  });

  it('the monitor: without it reads and writes go on, and when it is back so does the view', async () => {
    await using cluster = await startCluster(QUICK);
    const kv = cluster.client();
    await kv.put('k', 'old');
    const { primary, view } = cluster;
    expect(await cluster.kill('monitor')).to.equal(cluster.monitor);
    await kv.put('k', 'new');
    expect(await kv.get('k')).to.equal('new');
    const { message } = await failureOf(cluster.waitUntilInSync({ timeoutMs: 20 }), 'TIMEOUT');
    expect(message).to.include('waited 20 ms in vain').and.to.include('the monitor is down');
    expect(await cluster.restart('monitor')).to.equal(cluster.monitor);
    const later = await cluster.waitUntilInSync();
    expect(later.primary).to.equal(primary);
    expect(later.viewnum).to.be.above(view.viewnum);
    await cluster.kill('primary');
    expect(await kv.get('k')).to.equal('new');
  });

  it('the monitor: back among servers that know nothing, it waits for those that may know more', async () => {
    await using cluster = await startCluster(PATIENT);
    const members = cluster.servers.map(({ address }) => address);
    await cluster.kill('monitor');
    await cluster.add();
    for (const address of members) await cluster.kill(address);
    await cluster.restart('monitor');
    const { message } = await failureOf(cluster.waitUntilInSync({ timeoutMs: 300 }), 'TIMEOUT');
    expect(message)
      .to.include('nobody knows a view')
      .and.to.include('the monitor is listening and waits for: survivors');
  });

  it('add: one more server, which takes a seat that becomes free', async () => {
    await using cluster = await startCluster(QUICK);
    const added = await cluster.add();
    expect(cluster.servers.map(({ address }) => address)).to.include(added);
    await cluster.kill('backup');
    expect((await cluster.waitUntilInSync()).backups).to.deep.equal([added]);
  });

  it('says how things stand when nobody is left who holds the data', async () => {
    await using cluster = await startCluster({ ...QUICK, servers: 1 });
    await cluster.client().put('k', 'v');
    const address = await cluster.restart('primary');
    const { message } = await failureOf(cluster.waitUntilInSync({ timeoutMs: 1_000 }), 'TIMEOUT');
    expect(message).to.include(`view 1, acknowledged: primary ${address}, backups none; servers: ${address} idle; `);
    expect(message).to.match(/the monitor is serving and waits for: data$/);
  });
});

describe('local cluster: what it refuses', () => {
  const wrong: readonly [options: ClusterOptions, field: string, message: RegExp][] = [
    [{ servers: 0 }, 'servers', /from 1 to 16/],
    [{ servers: 17 }, 'servers', /from 1 to 16/],
    [{ servers: 2.5 }, 'servers', /whole number/],
    [{ servers: 2, backups: 2 }, 'backups', /fewer than servers: of 2, one is the primary/],
    [{ backups: -1 }, 'backups', /whole number/],
    [{ pingInterval: 0 }, 'pingInterval', /whole number/],
    [{ deadPings: 0 }, 'deadPings', /whole number/],
    [{ lease: 500 }, 'lease', /shorter than deadPings x pingInterval/],
    [{ timeoutMs: 0 }, 'timeoutMs', /whole number/],
    ['3' as ClusterOptions, 'options', /an object/],
  ];
  for (const [options, field, message] of wrong) {
    it(`startCluster(${JSON.stringify(options)})`, async () => {
      const before = await resources();
      const error = await failureOf(startCluster(options), 'INVALID_PARAMS');
      expect(error.data['field']).to.equal(field);
      expect(error.message).to.match(message);
      await expectNoMoreThan(before);
    });
  }

  it('to kill or to stop who is not there, or not running', async () => {
    await using cluster = await startCluster({ ...PATIENT, servers: 1 });
    const { primary } = cluster;
    for (const who of ['backup', 'nobody', '127.0.0.1:1']) {
      for (const action of ['kill', 'stop', 'restart'] as const) {
        const { message } = await failureOf(cluster[action](who), 'INVALID_PARAMS');
        expect(message).to.include(`there is no ${who}; view 1`);
      }
    }
    await cluster.kill('primary');
    for (const who of ['primary', primary]) {
      const { message, data } = await failureOf(cluster.kill(who), 'INVALID_PARAMS');
      expect(message).to.include(`${who} does not run; view 1`).and.to.include(`servers: ${primary} down`);
      expect(data['field']).to.equal('who');
    }
  });

  it('a wait without end', async () => {
    await using cluster = await startCluster(QUICK);
    const refused = await failureOf(cluster.waitUntilInSync({ timeoutMs: Infinity }), 'INVALID_PARAMS');
    expect(refused.data['field']).to.equal('timeoutMs');
  });
});

describe('local cluster: close', () => {
  it('ends clients, waits and servers, once, and leaves nothing', async () => {
    const before = await resources();
    const cluster = await startCluster({ ...PATIENT, servers: 3 });
    const kv = cluster.client();
    await kv.put('k', 'v');
    await cluster.kill('primary');
    const [getting, waiting] = [failureOf(kv.get('k'), 'CLOSED'), failureOf(cluster.waitUntilInSync(), 'CLOSED')];
    expect(cluster.close()).to.equal(cluster.close());
    await Promise.all([getting, waiting, cluster.close()]);
    await expectNoMoreThan(before);
    expect(cluster.servers.map(({ role }) => role)).to.deep.equal(['down', 'down', 'down']);
    for (const action of ['kill', 'stop', 'restart'] as const) await failureOf(cluster[action]('primary'), 'CLOSED');
    await failureOf(cluster.add(), 'CLOSED');
    await failureOf(cluster.waitUntilInSync(), 'CLOSED');
    expect(() => cluster.client()).to.throw('the cluster was closed');
  });

  it('also what is starting or stopping at that time', async () => {
    const before = await resources();
    const cluster = await startCluster({ ...PATIENT, servers: 3 });
    const underWay = [cluster.stop('primary'), cluster.add(), cluster.restart('monitor'), cluster.restart('backup')];
    await Promise.all([Promise.allSettled(underWay), cluster.close()]);
    await expectNoMoreThan(before);
    expect(new Set(cluster.servers.map(({ role }) => role))).to.deep.equal(new Set(['down']));
  });

  it('tells of a server that had stopped by itself', async () => {
    const cluster = await startCluster(QUICK);
    const [address = ''] = cluster.backups;
    await cluster.kill('monitor');
    // Whoever answers in the place of the monitor says that the backup has been replaced (V11).
    const newest = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
    const impostor = await realWorld().transport.listen({
      address: cluster.monitor,
      methods: {
        'sysmonitor.ping': ({ server }, reply) => {
          const data = { server, incarnation: newest };
          reply.failure(
            new UnderstudyError(server === address ? 'CONFLICTING_SERVER' : 'RECOVERING', 'test', { data }),
          );
        },
      },
    });
    await eventuallyDown(cluster, address);
    const { message } = await failureOf(cluster.close(), 'INTERNAL_ERROR');
    expect(message).to.include(`server ${address} stopped by itself: another process serves as ${address}`);
    await impostor.close();
  });
});

describe('local cluster: what users read', () => {
  it('the code in the README does what its comments say, and ends', async () => {
    const readme = readFileSync(`${ROOT}packages/testkit/README.md`, 'utf8');
    const section = readme.split('\n## ').find((text) => text.startsWith('A real cluster for your tests')) ?? '';
    const code = /```ts\n([^]*?)```/.exec(section)?.[1] ?? '';
    const { exitCode, printed } = await runNode('--input-type=module', '--eval', code);
    expect({ exitCode, printed }).to.deep.equal({ exitCode: 0, printed: 'Ada\n' });
  });

  it('the example passes its own tests, and ends', async () => {
    const { exitCode, printed } = await runNode(`${ROOT}examples/testing_with_a_cluster.ts`);
    expect(printed)
      .to.match(/pass 3$/m)
      .and.to.match(/fail 0$/m);
    expect(exitCode).to.equal(0);
  });
});

function rolesOf(cluster: Cluster, addresses: readonly string[]): readonly (string | undefined)[] {
  return addresses.map((wanted) => cluster.servers.find(({ address }) => address === wanted)?.role);
}

async function failureOf(promise: Promise<unknown>, name: FailureName): Promise<UnderstudyError> {
  const outcome = await promise.then(
    () => 'it should have failed',
    (error: unknown) => error,
  );
  if (!(outcome instanceof UnderstudyError)) throw outcome instanceof Error ? outcome : new Error(String(outcome));
  expect(outcome.name).to.equal(name);
  return outcome;
}

/** What keeps this process alive, counted by kind; mocha's own timer, which it sets when a test first waits, among it. */
async function resources(): Promise<ReadonlyMap<string, number>> {
  await new Promise(setImmediate);
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Handles that were closed are counted until the event loop has come round to them: that takes a few turns. */
async function expectNoMoreThan(before: ReadonlyMap<string, number>): Promise<void> {
  let more: readonly string[] = ['everything'];
  for (let turn = 0; turn < 100 && more.length > 0; turn += 1) {
    more = [...(await resources())].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind);
  }
  expect(more, 'left over').to.deep.equal([]);
}

async function eventuallyDown(cluster: Cluster, address: string): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (rolesOf(cluster, [address])[0] !== 'down') {
    if (performance.now() > endMs) throw new Error(`${address} still runs`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function runNode(...args: string[]): Promise<{ readonly exitCode: number; readonly printed: string }> {
  const child = spawn(process.execPath, ['--import=tsx', '--conditions=understudy-source', ...args], { cwd: ROOT });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += String(chunk);
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode: exitCode as number, printed };
}

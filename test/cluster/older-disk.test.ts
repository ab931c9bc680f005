import { cp, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KVClient } from '@understudy/kvservice';
import { MonitorClient, type View } from '@understudy/sysmonitor';
import { SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { eventually } from '../cli/command.ts';
import { DurableCluster } from './durable-cluster.ts';

const WRITES = 100;

describe("real processes: all die, the primary's disk comes back older, and the monitor keeps nothing", function () {
  this.timeout(120_000);

  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-older-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('as an older copy of its directory: the backup goes on, and every acknowledged write is there (V12)', async () => {
    await using cluster = await DurableCluster.start(directory, 2, { monitorKeeps: false });
    await full(cluster);
    await write(cluster, 'early');
    await restartAll(cluster, async (view) => {
      for (const server of [view.primary, ...view.backups]) await copy(cluster, server, 'older');
    });
    await full(cluster);
    await write(cluster, 'late');
    const before = await restartAll(cluster, async ({ primary }) => {
      await rm(cluster.directoryOf(primary), { recursive: true });
      await cp(join(directory, `older-${primary}`), cluster.directoryOf(primary), { recursive: true });
    });
    await expectBackupGoesOn(cluster, before, ['early', 'late']);
  });

  it('with the newest .log file cut by half: the backup goes on, and every acknowledged write is there (V12)', async () => {
    await using cluster = await DurableCluster.start(directory, 2, { monitorKeeps: false });
    await full(cluster);
    await write(cluster, 'only');
    const before = await restartAll(cluster, async ({ primary }) => {
      const log = await newestLog(cluster.directoryOf(primary));
      await truncate(log, Math.floor((await stat(log)).size / 2));
    });
    await expectBackupGoesOn(cluster, before, ['only']);
  });

  function copy(cluster: DurableCluster, server: string, name: string): Promise<void> {
    return cp(cluster.directoryOf(server), join(directory, `${name}-${server}`), { recursive: true });
  }
});

/** Kills everybody, lets something happen to the disks, and starts all again. Gives the view before that. */
async function restartAll(cluster: DurableCluster, meanwhile: (view: View) => Promise<void>): Promise<View> {
  const view = await full(cluster);
  await cluster.killAll();
  await meanwhile(view);
  await cluster.restartAll(new SeededRandom(Math.random()));
  return view;
}

async function expectBackupGoesOn(cluster: DurableCluster, before: View, rounds: readonly string[]): Promise<void> {
  const [backup] = before.backups;
  const view = await full(cluster);
  expect(view.primary).to.equal(backup);
  expect(view.viewnum).to.be.greaterThan(before.viewnum + 999);
  await using kv = new KVClient({ monitors: cluster.monitor });
  for (const round of rounds) {
    for (let count = 0; count < WRITES; count++) expect(await kv.get(`${round}/${count}`)).to.equal(String(count));
  }
}

async function write(cluster: DurableCluster, round: string): Promise<void> {
  await using kv = new KVClient({ monitors: cluster.monitor });
  for (let count = 0; count < WRITES; count++) await kv.put(`${round}/${count}`, String(count));
}

/** An acknowledged view with a backup. */
async function full(cluster: DurableCluster): Promise<View> {
  const client = new MonitorClient({ monitors: cluster.monitor });
  let view: View | undefined;
  await eventually('a backup is in sync', async () => {
    const status = await client.status();
    view = status.acknowledged && status.view.backups.length > 0 ? status.view : undefined;
    return view;
  });
  await client.close();
  if (view === undefined) throw new Error('no view');
  return view;
}

async function newestLog(directory: string): Promise<string> {
  const logs = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort();
  return join(directory, logs.at(-1) ?? '');
}

/** Scenario 25: the primary's disk comes back older than it was, and the backup of that view is intact. Nothing acknowledged is lost. */
import type { DiskImage } from '@understudy/testkit';
import { expect } from 'chai';
import { play, type Scene, WITH_DISKS } from './support/scene.ts';

/** The monitor keeps its state, or comes back without it and has to ask (V12). */
const MONITORS = [
  { name: 'without its state', keeps: false },
  { name: 'with its state', keeps: true },
];
/** In which order the processes come back. */
const ORDERS = [
  ['m', 'a', 'b'],
  ['m', 'b', 'a'],
  ['a', 'b', 'm'],
  ['b', 'm', 'a'],
];

describe("25: the primary's disk comes back older than it was", () => {
  for (const { name, keeps } of MONITORS) {
    for (const [seed, order] of ORDERS.entries()) {
      it(`everybody dies, the monitor comes back ${name}, in the order ${order}: the backup goes on (V12, V2)`, () =>
        play({ seed: 2_500 + seed, servers: ['a', 'b'], ...disks(keeps) }, async (scene) => {
          const older = await writeAfterCopy(scene, 300);
          dieAll(scene);
          scene.world.process('a').disk.restore(older);
          for (const process of order) {
            await scene.world.runFor(scene.world.random.integer(0, 200));
            await comeBack(scene, process);
          }
          await backupGoesOn(scene);
        }));
    }
  }

  for (const writtenForMs of [5, 60, 300]) {
    it(`only the primary restarts, at once, without what was written in the last ${writtenForMs} ms (V2, V11)`, () =>
      play({ seed: writtenForMs, servers: ['a', 'b'], ...disks(true) }, async (scene) => {
        const older = await writeAfterCopy(scene, writtenForMs);
        scene.crash('a');
        scene.world.process('a').disk.restore(older);
        await scene.startServer('a');
        await backupGoesOn(scene);
      }));
  }

  it('the disk is as it was: the primary that restarts goes on (V11)', () =>
    play({ seed: 1, servers: ['a', 'b'], ...disks(true) }, async (scene) => {
      await writeAfterCopy(scene, 300);
      await scene.restart('a');
      await scene.full(2);
      expect(scene.primary).to.equal('a');
    }));
});

function disks(monitorKeeps: boolean) {
  return monitorKeeps ? WITH_DISKS : { server: WITH_DISKS.server };
}

/** Gives a copy of the primary's disk, from before writes that were all acknowledged and were the last for so many milliseconds. */
async function writeAfterCopy(scene: Scene, forMs: number): Promise<DiskImage> {
  const { world } = scene;
  const client = scene.client('client');
  for (let count = 0; count < 5; count++) await scene.append(client, 'early');
  // Everything that was told to the monitor is in the copy.
  await world.runFor(300);
  expect(scene.primary).to.equal('a');
  const copy = world.process('a').disk.snapshot();
  const untilMs = world.now + forMs;
  for (let count = 0; count < 3 || world.now < untilMs; count++) await scene.append(client, 'late');
  return copy;
}

function dieAll(scene: Scene): void {
  for (const name of ['a', 'b']) scene.crash(name);
  scene.world.process('m').crash();
}

async function comeBack(scene: Scene, name: string): Promise<void> {
  if (name === 'm') await scene.restartMonitor();
  else await scene.startServer(name);
}

/** What was written is read back at the end of every scenario. */
async function backupGoesOn(scene: Scene): Promise<void> {
  await scene.until(() => scene.primary === 'b', 'the backup to go on', 5_000);
  await scene.full(2);
  expect(scene.chronicle.notices('suffix-cut'), 'entries that were cut').to.deep.equal([]);
}

/** Scenario 9: the last server that stands dies; all die at once, and return in any order: nothing acknowledged is lost. */
import { expect } from 'chai';
import { play, type Scene, WITH_DISKS } from './support/scene.ts';

/** Every order of these. */
function orders(names: readonly string[]): readonly (readonly string[])[] {
  if (names.length <= 1) return [names];
  return names.flatMap((first) => orders(names.filter((name) => name !== first)).map((rest) => [first, ...rest]));
}

/** Power loss: every process ends at the same moment, the monitor too. */
function crashAll(scene: Scene): void {
  scene.world.process('m').crash();
  for (const name of [...scene.servers.keys()]) scene.crash(name);
}

async function start(scene: Scene, name: string): Promise<void> {
  if (name === 'm') await scene.restartMonitor();
  // What it waits for may be the monitor, which is down yet.
  else void scene.startServer(name);
}

describe('9: the last server standing', () => {
  it('dies, and the old backup returns first: it is not promoted, whatever it holds; nothing is lost', () =>
    play({ seed: 1, servers: ['a', 'b'], ...WITH_DISKS }, async (scene) => {
      const { world } = scene;
      scene.busy();
      await world.runFor(200);
      scene.crash('b');
      await scene.until(() => scene.members.length === 1, 'a to stand alone');
      await scene.resumes(1_000);
      await world.runFor(300);
      scene.crash('a');
      await scene.startServer('b');
      const probe = scene.probe({ key: 'log-0', server: 'b', everyMs: 20 });
      await world.runFor(3_000);
      expect(scene.primary, 'who is primary').to.equal('a');
      expect(scene.monitor.status().waiting).to.deep.equal({ kind: 'data', servers: ['a:1'] });
      expect([probe.answered, [...probe.refused.keys()]]).to.deep.equal([0, ['NOT_PRIMARY']]);
      await scene.startServer('a');
      await scene.full(2);
      await scene.resumes(1_000);
    }));

  for (const order of orders(['m', 'a', 'b', 'c'])) {
    it(`all die at once under load, and return in the order ${order.join(', ')}`, () =>
      play({ seed: order.join(''), servers: ['a', 'b', 'c'], ...WITH_DISKS }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 4 });
        await world.runFor(200 + 10 * order.indexOf('m'));
        crashAll(scene);
        for (const name of order) {
          await start(scene, name);
          await world.runFor(400);
        }
        await scene.full(2);
        await scene.resumes(1_500);
        scene.crash(scene.primary);
        await scene.resumes(1_500);
      }));
  }

  for (const seed of [1, 2, 3, 4]) {
    it(`all die at once again and again, before all is well (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'], backups: 2, ...WITH_DISKS }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 4 });
        for (let times = 0; times < 6; times++) {
          await world.runFor(world.random.integer(10, 900));
          crashAll(scene);
          for (const name of world.random.shuffle(['m', 'a', 'b', 'c'])) {
            await start(scene, name);
            await world.runFor(world.random.integer(0, 150));
          }
        }
        await scene.full(3);
        await scene.resumes(1_500);
      }));
  }
});

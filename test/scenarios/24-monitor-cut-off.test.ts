/** Scenario 24: the monitor is cut off from everybody, and a member restarts blank in that time: what a live server holds stays within reach. */
import { expect } from 'chai';
import { isWanted } from './support/messages.ts';
import { play } from './support/scene.ts';

/** Milliseconds of the cut: shorter than a silence, about as long, longer. */
const CUTS = [250, 490, 620, 2_500];

describe('24: the monitor is cut off from everybody for a while', () => {
  for (const cutMs of CUTS) {
    for (const blank of ['a', 'b', 'c'] as const) {
      for (const first of ['a', 'b', 'c'] as const) {
        it(`for ${cutMs} ms, ${blank} restarts blank meanwhile, and ${first} is heard first: nothing is lost (V8, V10)`, () =>
          play({ seed: `${cutMs}${blank}${first}`, servers: ['a', 'b', 'c'] }, async (scene) => {
            const { world, chronicle } = scene;
            scene.busy({ thinkMs: 15 });
            await world.runFor(150);
            world.network.partition([['m'], ['a', 'b', 'c']]);
            await world.runFor(cutMs / 2);
            scene.restartBlank(blank);
            await world.runFor(cutMs / 2);
            // The others' pings are a little late, so that the first one meets a monitor that has heard of nobody.
            const late = world.network.intercept((message) =>
              isWanted(message, { method: 'sysmonitor.ping', kind: 'request' }) && message.from !== first
                ? 'hold'
                : undefined,
            );
            const healedAt = world.now;
            world.network.heal();
            await world.runFor(130);
            late.remove();
            late.release();
            await scene.resumes(2_000);
            await scene.heard(blank);
            await scene.full(2);
            expect(scene.primary, 'who is primary').to.equal(blank === 'a' ? 'b' : 'a');
            const silent = chronicle
              .changesSince(healedAt)
              .flatMap(({ causes }) => causes.filter(({ kind }) => kind.endsWith('silent')));
            expect(silent, 'who was counted out for the cut').to.deep.equal([]);
          }));
      }
    }
  }

  for (const seed of [1, 2, 3]) {
    it(`and every member but one restarts blank: the data of that one stays within reach (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'], backups: 2 }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 15 });
        await world.runFor(150);
        world.network.partition([['m'], ['a', 'b', 'c']]);
        const [survivor, ...others] = world.random.shuffle(['a', 'b', 'c']);
        await world.runFor(300);
        for (const name of others) scene.restartBlank(name);
        await world.runFor(world.random.integer(100, 1_500));
        world.network.heal();
        for (const name of others) await scene.heard(name);
        await scene.full(3);
        expect(scene.primary).to.equal(survivor);
      }));
  }

  for (const seed of [1, 2]) {
    it(`hears only an idle server for a while: it gives and takes no seat meanwhile (V8, seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'] }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 15 });
        await world.runFor(150);
        const { viewnum } = scene.view;
        world.network.partition([
          ['m', 'c'],
          ['a', 'b'],
        ]);
        await world.runFor(2_000);
        expect(scene.view.viewnum, 'the view').to.equal(viewnum);
        // The primary is gone for good: whoever was its backup still is, and is promoted as soon as it is heard.
        scene.crash('a');
        world.network.heal();
        await scene.resumes(1_500);
        expect(scene.primary).to.equal('b');
      }));
  }
});

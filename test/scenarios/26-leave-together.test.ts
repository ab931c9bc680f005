/** Scenario 26: primary and backup leave at the same time while an idle server lives. That one has the data before the last holder leaves. */
import { expect } from 'chai';
import { play, type Scene } from './support/scene.ts';

/** A leave, and how it ended. */
interface Left {
  readonly afterMs: number;
  readonly held: boolean;
  readonly lost: string;
}

describe('26: several servers are told to leave at the same time', () => {
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    for (const apartMs of [0, 1, 7, 30, 60, 120]) {
      it(`${first}, and ${second} ${apartMs} ms later: the idle server has the data before both are gone (V14)`, () =>
        play({ seed: apartMs, servers: ['a', 'b', 'c'] }, async (scene) => {
          scene.busy();
          await scene.world.runFor(200);
          const leaves = [leave(scene, first)];
          await scene.world.runFor(apartMs);
          leaves.push(leave(scene, second));
          for (const left of await Promise.all(leaves)) {
            expect(left).to.deep.include({ held: true, lost: '' });
            expect(left.afterMs).to.be.lessThan(3_000);
          }
          expect(scene.primary).to.equal('c');
          await scene.resumes(1_000);
        }));
    }
  }

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`the backup leaves just as the primary dies: it takes its place, and goes when the idle server holds the data (V4, V14), ${seed}`, () =>
      play({ seed, servers: ['a', 'b', 'c'] }, async (scene) => {
        scene.busy();
        await scene.world.runFor(200);
        scene.crash('a');
        await scene.world.runFor(scene.world.random.integer(0, 200));
        expect(await leave(scene, 'b')).to.deep.include({ held: true, lost: '' });
        expect(scene.primary).to.equal('c');
        await scene.resumes(1_000);
      }));
  }

  it('one after the other, as in a rolling restart: each holds the data again before the next one leaves (V14)', () =>
    play({ seed: 5, servers: ['a', 'b', 'c'] }, async (scene) => {
      scene.busy();
      for (const name of ['a', 'b', 'c', 'a', 'c', 'b']) {
        await scene.world.runFor(scene.world.random.integer(50, 400));
        expect(await leave(scene, name)).to.deep.include({ held: true, lost: '' });
        await scene.startServer(name);
      }
      await scene.full(2);
    }));

  it('all of them, with data in memory: the last one says what is lost, after a short while (V14)', () =>
    play({ seed: 6, servers: ['a', 'b', 'c'] }, async (scene) => {
      await scene.append(scene.client('client'), 'log');
      const left = await Promise.all(['a', 'b', 'c'].map((name) => leave(scene, name)));
      const last = left.filter(({ held }) => !held);
      expect(last).to.have.lengthOf(1);
      expect(last[0]?.lost).to.equal('no server that stays holds the data: 1 key is lost with this one');
      for (const { afterMs } of left) expect(afterMs).to.be.lessThan(1_200);
      scene.standsStill();
    }));

  it('all of them, with data on disk: at once, and nothing is lost (V14)', () =>
    play({ seed: 7, servers: ['a', 'b', 'c'], server: { dataDir: 'data' } }, async (scene) => {
      await scene.append(scene.client('client'), 'log');
      const left = await Promise.all(['a', 'b', 'c'].map((name) => leave(scene, name)));
      expect(left.map(({ lost }) => lost)).to.deep.equal(['', '', '']);
      expect(left.some(({ held }) => !held)).to.equal(true);
      for (const { afterMs } of left) expect(afterMs).to.be.lessThan(600);
      for (const name of ['a', 'b', 'c']) await scene.startServer(name);
      await scene.full(2);
    }));

  it('all of them, without any data: at once', () =>
    play({ seed: 8, servers: ['a', 'b', 'c'] }, async (scene) => {
      const left = await Promise.all(['a', 'b', 'c'].map((name) => leave(scene, name)));
      for (const { afterMs, held } of left) expect(held && afterMs < 600).to.equal(true);
      scene.standsStill();
    }));
});

async function leave(scene: Scene, name: string): Promise<Left> {
  const { world, chronicle } = scene;
  const before = world.now;
  await scene.server(name).close();
  scene.servers.delete(name);
  const { held, lost } = chronicle.notices('stopped', name).at(-1) ?? { held: false, lost: 'it said nothing' };
  return { afterMs: world.now - before, held, lost };
}

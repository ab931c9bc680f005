/** Scenario 11: links between servers that are cut, one way or both, while everybody reaches the monitor; and one-way cuts of every link. */
import { expect } from 'chai';
import { play, type Scene } from './support/scene.ts';

const WHILE_MS = 30_000;

/**
 * The backup is named lost after 500 ms and taken out at the next ping; the writes that waited for it go on when its promise does
 * not matter any more, which is at once.
 */
const RESUMES_WITHIN_MS = 900;

/** Of the backup's waits (1, 2, 4, ... s) about five fit into half a minute; each ends in two views. */
const MOST_CHANGES = 12;

const CUTS: readonly (readonly [name: string, cut: (scene: Scene) => void])[] = [
  ['cannot reach each other', ({ world }) => world.network.cut('a', 'b')],
  ['have a link that only the primary is heard on', ({ world }) => world.network.cutOneWay('b', 'a')],
  ['have a link that only the backup is heard on', ({ world }) => world.network.cutOneWay('a', 'b')],
];

describe('11: cut links', () => {
  for (const [name, cut] of CUTS) {
    it(`primary and backup ${name}: the backup goes, once, and comes back without flapping (V13)`, () =>
      play({ seed: name, servers: ['a', 'b'] }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 60 });
        await world.runFor(200);
        const cutAt = world.now;
        cut(scene);
        await scene.until(() => scene.backups.length === 0, 'the backup to be taken out', RESUMES_WITHIN_MS);
        expect(scene.chronicle.changes.at(-1)?.causes[0]?.kind).to.equal('backup-unreachable');
        await scene.resumes(200);
        const outAt = world.now;
        await world.runFor(WHILE_MS);
        expect(scene.primary, 'the primary stays').to.equal('a');
        expect(scene.ledger.longestGapMs(cutAt, outAt)).to.be.lessThan(RESUMES_WITHIN_MS);
        // One that comes back does not count before it was heard, so nothing waits for it again.
        expect(scene.ledger.longestGapMs(outAt, world.now), 'gaps later on').to.be.lessThan(400);
        expectCalmer(scene, cutAt);
        world.network.heal();
        await scene.full(2, 60_000);
      }));
  }

  it('with a third server: it takes the place of the one that cannot be reached', () =>
    play({ seed: 5, servers: ['a', 'b', 'c'] }, async (scene) => {
      const { world } = scene;
      scene.busy({ thinkMs: 10 });
      await world.runFor(200);
      const cutAt = world.now;
      world.network.cut('a', 'b');
      await scene.until(() => scene.members.includes('c'), 'c to join', RESUMES_WITHIN_MS);
      await scene.full(2);
      await world.runFor(10_000);
      expect(scene.members).to.deep.equal(['a', 'c']);
      expect(scene.chronicle.changesSince(cutAt)).to.have.lengthOf.at.most(2);
      expect(scene.ledger.longestGapMs(cutAt, world.now)).to.be.lessThan(RESUMES_WITHIN_MS);
    }));

  for (const from of ['a', 'b', 'c', 'm']) {
    for (const to of ['a', 'b', 'c', 'm']) {
      if (from === to) continue;
      it(`nothing gets from ${from} to ${to} any more: the service goes on, and the views come to rest`, () =>
        play({ seed: `${from}${to}`, servers: ['a', 'b', 'c'] }, async (scene) => {
          const { world } = scene;
          scene.busy({ thinkMs: 12 });
          for (const server of ['a', 'b', 'c']) scene.probe({ key: 'log-0', server, everyMs: 40 });
          await world.runFor(200);
          const cutAt = world.now;
          world.network.cutOneWay(from, to);
          await scene.resumes(2_000);
          await world.runFor(8_000);
          expect(scene.ledger.longestGapMs(cutAt, world.now), 'without an answer').to.be.lessThan(1_500);
          expect(scene.chronicle.changesSince(cutAt), 'view changes').to.have.lengthOf.at.most(6);
          expect(scene.chronicle.changesSince(world.now - 3_000), 'view changes at the end').to.have.lengthOf.at.most(
            1,
          );
          world.network.heal();
          await scene.full(2, 20_000);
        }));
    }
  }
});

/** Few view changes, and from one removal to the next it takes longer and longer. */
function expectCalmer(scene: Scene, since: number): void {
  const changes = scene.chronicle.changesSince(since);
  expect(changes.length, 'view changes in half a minute').to.be.at.most(MOST_CHANGES);
  const removals = changes.filter(({ causes }) => causes.some(({ kind }) => kind === 'backup-unreachable'));
  const pauses = removals.slice(1).map(({ at }, index) => at - (removals[index]?.at ?? 0));
  for (const [index, pause] of pauses.slice(1).entries()) {
    expect(pause, 'the time to the next try').to.be.greaterThan(pauses[index] ?? 0);
  }
}

/** Scenario 14: a backup that hangs, or that is slow, or behind a slow link: writes go on after a bounded stall. */
import { expect } from 'chai';
import { play, type Scene } from './support/scene.ts';

/** It is named lost after 500 ms of silence, taken out at the next ping, and the writes that waited are sent again or go on. */
const MOST_STALL_MS = 900;

interface Trouble {
  readonly name: string;
  readonly begin: (scene: Scene) => void;
  /** Milliseconds between two acknowledged writes, at most. */
  readonly mostStallMs: number;
}

const link = (latencyMs: number) => (scene: Scene) => {
  scene.world.network.configureLink('a', 'b', { latencyMs });
  scene.world.network.configureLink('b', 'a', { latencyMs });
};

const TROUBLES: readonly Trouble[] = [
  { name: 'hangs (SIGSTOP)', begin: ({ world }) => world.process('b').pause(), mostStallMs: MOST_STALL_MS },
  {
    name: 'takes messages and answers none',
    begin: ({ world }) => {
      world.network.intercept(({ from, kind }) => (from === 'b' && kind === 'reply' ? 'drop' : undefined));
    },
    mostStallMs: MOST_STALL_MS,
  },
  { name: 'needs 15 ms for each turn', begin: ({ world }) => world.process('b').slowDown(15), mostStallMs: 400 },
  { name: 'is behind a link of 40 ms', begin: link(40), mostStallMs: 250 },
  { name: 'is behind a link of 300 ms', begin: link(300), mostStallMs: MOST_STALL_MS },
  {
    name: 'is stalled for 150 ms now and then',
    begin: ({ world }) => {
      for (let count = 0; count < 10; count++) world.at(count * 400, () => world.process('b').stall(150));
    },
    mostStallMs: 300,
  },
];

describe('14: a backup that hangs or is slow', () => {
  for (const servers of [
    ['a', 'b'],
    ['a', 'b', 'c'],
  ]) {
    for (const { name, begin, mostStallMs } of TROUBLES) {
      it(`${name}: writes stall for ${mostStallMs} ms at most (${servers.length} servers)`, () =>
        play({ seed: name, servers }, async (scene) => {
          const { world } = scene;
          scene.busy({ thinkMs: 10 });
          await world.runFor(150);
          const from = world.now;
          begin(scene);
          await world.runFor(5_000);
          expect(scene.ledger.longestGapMs(from, world.now)).to.be.lessThan(mostStallMs);
          expect(scene.primary).to.equal('a');
          world.process('b').slowDown(0);
          world.process('b').resume();
          world.network.calm();
          await scene.full(2, 20_000);
        }));
    }
  }

  it('reads go on under the lease that the hanging backup had given, and confirmed by the others after that', () =>
    play({ seed: 5, servers: ['a', 'b'] }, async (scene) => {
      const { world } = scene;
      scene.busy();
      await world.runFor(150);
      world.process('b').pause();
      const pausedAt = world.now;
      const probe = scene.probe({ key: 'log-0', server: 'a', everyMs: 10 });
      await scene.until(() => scene.backups.length === 0, 'the backup to be taken out', MOST_STALL_MS);
      await world.runFor(100);
      const answers = [pausedAt, ...probe.answeredAt];
      const gaps = answers.slice(1).map((at, index) => at - (answers[index] ?? 0));
      expect(Math.max(...gaps)).to.be.lessThan(MOST_STALL_MS - 150);
    }));
});

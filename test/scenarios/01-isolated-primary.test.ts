/** Scenario 1: the primary is cut off from the monitor and from its backup, but a client still reaches it. */
import { expect } from 'chai';
import { failureOf } from './support/failure.ts';
import { play, type Scene } from './support/scene.ts';

interface Cut {
  readonly name: string;
  readonly cut: (scene: Scene) => void;
}

/** Whatever of this is cut, `near` reaches a and nobody else, and `far` reaches the others. */
const CUTS: readonly Cut[] = [
  { name: 'cut off from monitor and backup', cut: ({ world }) => world.network.partition([['a'], ['m', 'b', 'far']]) },
  {
    name: 'heard by nobody, though it hears them',
    cut: ({ world }) => {
      world.network.cutOneWay('a', 'm');
      world.network.cutOneWay('a', 'b');
    },
  },
  {
    name: 'deaf to monitor and backup, and silent to the monitor',
    cut: ({ world }) => {
      world.network.cut('a', 'm');
      world.network.cutOneWay('b', 'a');
    },
  },
  {
    name: 'cut off, its clock slow',
    cut: ({ world }) => {
      world.process('a').setClockRate(0.9);
      world.network.partition([['a'], ['m', 'b', 'far']]);
    },
  },
  {
    name: 'cut off, the clock of its backup fast',
    cut: ({ world }) => {
      world.process('b').setClockRate(1.1);
      world.network.partition([['a'], ['m', 'b', 'far']]);
    },
  },
  {
    name: 'cut off, its wall clock set back by an hour',
    cut: ({ world }) => {
      world.network.partition([['a'], ['m', 'b', 'far']]);
      world.process('a').jumpWallClock(-3_600_000);
    },
  },
  {
    name: 'clogged: everything between it and the others arrives much later',
    cut: ({ world }) => {
      for (const other of ['m', 'b']) {
        world.network.clog('a', other);
        world.network.clog(other, 'a');
      }
      world.network.cut('a', 'far');
    },
  },
];

describe('1: a primary cut off from monitor and backup, with a client still at it', () => {
  for (const { name, cut } of CUTS) {
    for (const seed of [1, 2]) {
      it(`${name}: gives no stale answer (seed ${seed})`, () =>
        play({ seed, servers: ['a', 'b'] }, async (scene) => {
          const { world } = scene;
          scene.busy({ clients: ['far', 'far2'], thinkMs: 4 });
          world.network.cut('far2', 'a');
          await world.runFor(200 + seed * 7);
          const probe = scene.probe({ key: 'log-0', server: 'a', from: 'near', everyMs: 4 });
          await world.runFor(100);
          expect(probe.answered, 'before the cut it answers').to.be.greaterThan(15);
          const cutAt = world.now;
          cut(scene);
          await scene.until(() => scene.primary === 'b' && scene.inSync, 'b to take over', 2_000);
          const tookOverAt = world.now;
          await scene.resumes(1_000);
          await world.runFor(500);
          expect(probe.answeredSince(tookOverAt), 'once another serves it answers nothing').to.equal(0);
          // The lease of 200 ms, counted by the slower clock, and what was under way.
          expect(probe.answeredSince(cutAt + 200 * 1.25 + 10), 'nor without a lease').to.equal(0);
          world.network.heal();
          await scene.full(2);
          expect(scene.primary).to.equal('b');
        }));
    }
  }

  for (const [lost, kept] of [
    ['b', 'c'],
    ['c', 'b'],
  ] as const) {
    for (const seed of [1, 2, 3]) {
      it(`of two backups ${kept} still answers it: the lease of one is not enough (L1, seed ${seed})`, () =>
        play({ seed, servers: ['a'], backups: 2, client: { tryTimeout: 40 } }, async (scene) => {
          const { world } = scene;
          await scene.startServer('b', { priority: lost === 'b' ? 1 : 0 });
          await scene.startServer('c', { priority: lost === 'c' ? 1 : 0 });
          await scene.full(3);
          scene.busy({ clients: ['far', 'far2'], thinkMs: 4 });
          await world.runFor(100);
          const probe = scene.probe({ key: 'log-0', server: 'a', from: 'near', everyMs: 2 });
          for (const other of ['m', lost, 'far', 'far2']) world.network.cut('a', other);
          await scene.until(() => scene.primary === lost, 'another to be promoted', 2_000);
          await scene.resumes(1_000);
          const servesAt = world.now;
          await world.runFor(250);
          expect(probe.answeredSince(servesAt), 'once another serves it answers nothing').to.equal(0);
          world.network.heal();
          await scene.full(3);
        }));
    }
  }

  for (const seed of [1, 2]) {
    it(`cut off for so long that its former backup is backup again, of another, and is within its reach: it gets no lease from it (R3, seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'] }, async (scene) => {
        const { world } = scene;
        scene.busy({ clients: ['far', 'far2'], thinkMs: 5 });
        await world.runFor(100);
        for (const other of ['m', 'b', 'c', 'far', 'far2']) world.network.cut('a', other);
        await scene.until(() => scene.primary === 'b', 'b to take over', 2_000);
        await scene.full(2);
        // The next failover, and the one that was primary comes back as backup, with its data.
        world.process('b').pause();
        await scene.until(() => scene.primary === 'c', 'c to take over', 2_000);
        world.process('b').resume();
        await scene.full(2);
        expect(scene.members).to.deep.equal(['c', 'b']);
        const probe = scene.probe({ key: 'log-0', server: 'a', from: 'near', everyMs: 2 });
        const write = failureOf(
          scene.call('a', 'kv.put', { key: 'never', value: 'v' }, { from: 'near', timeoutMs: 900 }),
        );
        expect(scene.server('a').status().role, 'it does not know').to.equal('primary');
        world.network.mend('a', 'b');
        await world.runFor(300);
        expect(scene.server('a').status().role, 'it knows now').to.equal('idle');
        expect(probe.answered, 'what it answered').to.equal(0);
        expect((await write).name).to.equal('OUTCOME_UNKNOWN');
        expect(await scene.client('judge').get('never')).to.equal(undefined);
      }));
  }
});

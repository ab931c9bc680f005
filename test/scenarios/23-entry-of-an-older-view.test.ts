/** Scenario 23: x of an older view is only on b; c leads a view with a log that compares higher, and falls silent; b leads, and commits x. */

import type { Message } from '@understudy/testkit';
import { expect } from 'chai';
import { atMessage, carriesEntries } from './support/messages.ts';
import { play, type Scene } from './support/scene.ts';

interface Return {
  readonly name: string;
  readonly run: (scene: Scene) => Promise<void>;
}

const RETURNS: readonly Return[] = [
  {
    name: 'c comes back, and then the monitor loses its state',
    run: async (scene) => {
      scene.world.process('c').resume();
      await scene.world.runFor(150);
      await scene.restartMonitor();
    },
  },
  {
    name: 'the monitor loses its state as c comes back',
    run: async (scene) => {
      scene.world.process('c').resume();
      await scene.restartMonitor();
    },
  },
  {
    name: 'the monitor loses its state, and hears c long before b',
    run: async (scene) => {
      const { world } = scene;
      world.process('b').pause();
      world.process('c').resume();
      await scene.restartMonitor();
      await world.runFor(2_000);
      expect(scene.view.viewnum, 'nothing is decided without b').to.equal(0);
      expect(scene.monitor.status().waiting).to.deep.include({ kind: 'reports', servers: ['b:1'] });
      world.process('b').resume();
    },
  },
  {
    name: 'the monitor loses its state, hears c first, and cannot be heard by b',
    run: async (scene) => {
      const { world } = scene;
      world.network.cutOneWay('m', 'b');
      world.network.cut('b', 'c');
      world.process('c').resume();
      await scene.restartMonitor();
      await world.runFor(2_000);
      world.network.heal();
    },
  },
  {
    name: 'c comes back and is brought up to date',
    run: async (scene) => {
      scene.world.process('c').resume();
      await scene.full(2);
    },
  },
];

describe('23: an entry of an older view', () => {
  for (const { name, run } of RETURNS) {
    for (const seed of [1, 2]) {
      it(`${name}: x is not lost (R6, V12, seed ${seed})`, () =>
        play({ seed, servers: ['a', 'b'], backups: 2 }, async (scene) => {
          await scene.startServer('c', { priority: 1 });
          await scene.full(3);
          const client = scene.client('client');
          await scene.append(client, 'log');
          await scene.world.runFor(60);
          const x = await writeToBOnly(scene);
          const { viewnum } = await hangAsPrimary(scene, 'c');
          await scene.until(() => scene.primary === 'b' && scene.inSync, 'b to take over', 3_000);
          expect(await scene.read(client, 'log'), 'once b has committed it').to.include(x);
          expect(
            scene.server('b').status().position.viewnum,
            'committed through an entry of its own view (R6)',
          ).to.equal(viewnum + 1);
          expect(scene.server('c').status().position.viewnum, "the end of c's log").to.equal(viewnum);
          await run(scene);
          await scene.until(() => scene.primary !== '', 'a primary', 5_000);
          await scene.full(2);
          expect(scene.primary).to.equal('b');
          expect(await scene.read(client, 'log')).to.include(x);
          scene.crash('b');
          await scene.until(() => scene.primary === 'c' && scene.inSync, 'c to take over', 3_000);
          expect(await scene.read(client, 'log')).to.include(x);
        }));
    }
  }

  for (const [how, after] of [
    ['once it counts as silent', () => {}],
    ['at once, for it is back without its data', (scene: Scene) => scene.restartBlank('a')],
  ] as const) {
    for (const seed of [1, 2, 3]) {
      it(`the primary dies before the next one has heard that the last write is committed, and is followed ${how}: that write is in the first read (R6, seed ${seed})`, () =>
        play({ seed, servers: ['a', 'b'], client: { tryTimeout: 30 } }, async (scene) => {
          const { world } = scene;
          const client = scene.client('client');
          await scene.append(client, 'log');
          await world.runFor(60);
          const isAnswer = ({ from, kind, method }: Message) =>
            from === 'a' && kind === 'reply' && method === 'kv.append';
          const death = atMessage(world, isAnswer, () => {
            scene.crash('a');
            return undefined;
          });
          const token = await scene.append(client, 'log');
          expect(death.came).to.equal(true);
          const { commitIndex, position } = scene.server('b').status();
          expect(commitIndex, 'what b knows to be committed').to.be.lessThan(position.index);
          after(scene);
          const probe = scene.probe({ key: 'log', server: 'b', everyMs: 1 });
          await scene.until(() => scene.primary === 'b', 'b to be promoted', 1_000);
          expect(await scene.read(client, 'log')).to.include(token);
          await world.runFor(20);
          expect(probe.answered).to.be.greaterThan(5);
        }));
    }
  }
});

/** The primary dies after the entry has left for b, and before it has left for c. */
async function writeToBOnly(scene: Scene): Promise<string> {
  const { world, ledger } = scene;
  const x = ledger.token('x');
  const death = atMessage(
    world,
    (message) => message.to === 'c' && carriesEntries(message) && message.text.includes(x),
    () => {
      scene.crash('a');
      return 'drop';
    },
  );
  ledger.register('log').begins('append', x, world.now);
  void scene.call('a', 'kv.append', { key: 'log', value: x }, { from: 'raw' }).catch(() => {});
  await scene.until(() => death.came, 'the primary to die', 100);
  await world.runFor(5);
  expect(scene.server('b').status().position.index).to.equal(scene.server('c').status().position.index + 1);
  return x;
}

/** That server is promoted, appends the entry with which it begins, and is stopped before it has sent anything. */
async function hangAsPrimary(scene: Scene, name: string): Promise<{ readonly viewnum: number }> {
  let viewnum = 0;
  scene.chronicle.onSaid.push(({ server, notice }) => {
    if (viewnum > 0 || server !== name || notice.kind !== 'view' || notice.role !== 'primary') return;
    viewnum = notice.view.viewnum;
    scene.world.process(name).pause();
  });
  await scene.until(() => viewnum > 0, `${name} to be promoted`, 2_000);
  return { viewnum };
}

/** Scenario 8: deaths before a view was acknowledged: only who holds everything is ever promoted, and otherwise the service stands still. */

import type { Message } from '@understudy/testkit';
import { expect } from 'chai';
import { atMessage, isReplication, whenever } from './support/messages.ts';
import { play, type Scene } from './support/scene.ts';

const toSyncing = (scene: Scene) => (message: Message) =>
  isReplication(message) && message.kind === 'request' && scene.view.syncing.includes(message.address);

describe('8: deaths in a view that was not acknowledged', () => {
  for (const seed of [1, 2]) {
    it(`the primary dies before its new backup holds the data: the backup serves nothing, and the monitor says for whom it waits (seed ${seed})`, () =>
      play({ seed, servers: ['a'] }, async (scene) => {
        const { world } = scene;
        const client = scene.client('client');
        await scene.append(client, 'log');
        whenever(world, { method: 'kv.prepare', to: 'b' }, 'drop');
        await scene.startServer('b');
        await scene.until(() => scene.view.syncing.includes('b:1'), 'b to join');
        scene.crash('a');
        const probes = [
          scene.probe({ key: 'log', server: 'b', everyMs: 20 }),
          scene.probe({ key: 'log', server: 'b', everyMs: 20, consistency: 'linearizable' }),
        ];
        await world.runFor(5_000);
        for (const probe of probes) expect(probe.answered, 'answers of a server without the data').to.equal(0);
        expect(scene.view.viewnum).to.equal(2);
        expect(scene.monitor.status().waiting).to.deep.equal({ kind: 'data', servers: ['a:1'] });
        expect(scene.chronicle.monitorSaid).to.deep.include({
          kind: 'waiting',
          waiting: { kind: 'data', servers: ['a:1'] },
        });
        // A blank run of the dead one does not bring the data back (R8), and must not pass for it.
        await scene.startServer('a');
        await world.runFor(2_000);
        for (const name of ['a', 'b']) expect(scene.server(name).status().ready, `${name} serves`).to.equal(false);
        scene.standsStill();
      }));

    it(`the primary hangs before its new backup holds the data, and comes back: nothing is lost (seed ${seed})`, () =>
      play({ seed, servers: ['a'] }, async (scene) => {
        const { world } = scene;
        scene.busy();
        await world.runFor(100);
        const stop = atMessage(world, toSyncing(scene), () => {
          world.process('a').pause();
          return 'drop';
        });
        await scene.startServer('b');
        await scene.until(() => stop.came, 'the transfer to begin');
        await world.runFor(3_000);
        expect(scene.primary).to.equal('a');
        world.process('a').resume();
        await scene.resumes(500);
        await scene.full(2);
      }));

    it(`a promoted primary dies before it acknowledged: the other backup of the last acknowledged view takes over (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'], backups: 2 }, async (scene) => {
        const { world } = scene;
        scene.busy();
        await world.runFor(150);
        scene.crash('a');
        await scene.until(() => scene.primary !== 'a', 'a promotion', 1_000);
        expect(scene.monitor.status().acknowledged).to.equal(false);
        const second = scene.primary;
        scene.crash(second);
        await scene.resumes(3_000);
        expect(['a', second]).not.to.include(scene.primary);
      }));

    it(`a promoted primary that cannot reach the other backup acknowledges no write before it dies: the other takes over (R4, seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'], backups: 2 }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 5, options: { tryTimeout: 60 } });
        await world.runFor(150);
        const [second = ''] = scene.backups;
        const third = scene.backups.find((name) => name !== second) ?? '';
        world.network.cut(second, third);
        scene.crash('a');
        await scene.until(() => scene.primary === second, 'a promotion', 1_000);
        const writes = scene.ledger.writes;
        // Shorter than it takes to name the other lost (V13): until then nothing is done without it.
        await world.runFor(400);
        expect(scene.server(second).status().role).to.equal('primary');
        expect(scene.ledger.writes, 'writes without the other backup').to.equal(writes);
        scene.crash(second);
        await scene.resumes(3_000);
        expect(scene.primary).to.equal(third);
      }));

    it(`a promoted primary hangs before it acknowledged, and only the syncing one is left: it waits for the data (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'] }, async (scene) => {
        const { world } = scene;
        scene.busy();
        await world.runFor(150);
        scene.crash('a');
        const stop = atMessage(world, toSyncing(scene), () => {
          world.process('b').pause();
          return 'drop';
        });
        await scene.until(() => stop.came, 'c to be brought up to date', 2_000);
        const { viewnum } = scene.view;
        await world.runFor(3_000);
        expect(scene.view).to.deep.include({ viewnum, primary: 'b:1', syncing: ['c:1'] });
        expect(scene.monitor.status().waiting).to.deep.equal({ kind: 'data', servers: ['b:1'] });
        expect(scene.server('c').status().ready).to.equal(false);
        world.process('b').resume();
        await scene.resumes(500);
        await scene.full(2);
      }));
  }

  for (const step of [1, 2, 3, 4, 6]) {
    it(`the new backup dies at step ${step} of its catching up: the primary goes on, and another is brought up to date`, () =>
      play(
        { seed: step, servers: ['a'], server: { limits: { retainedEntries: 1, chunkUnits: 400 } } },
        async (scene) => {
          const { world } = scene;
          scene.busy({ thinkMs: 5 });
          await world.runFor(200);
          const death = atMessage(
            world,
            toSyncing(scene),
            () => {
              scene.crash('b');
              return undefined;
            },
            step,
          );
          await scene.startServer('b');
          const startedAt = world.now;
          await scene.until(() => death.came, 'that step', 1_000);
          await scene.startServer('c');
          await scene.full(2);
          expect(scene.members).to.deep.equal(['a', 'c']);
          // One that counts already is waited for until it counts as dead (V5); one that does not holds nothing up.
          expect(scene.ledger.longestGapMs(startedAt, world.now)).to.be.lessThan(800);
        },
      ));
  }
});

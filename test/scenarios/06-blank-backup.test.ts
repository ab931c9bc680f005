/** Scenario 6: a backup restarts between two pings, blank or with its disk: it counts only after it was compared and caught up. */
import { expect } from 'chai';
import { atMessage, isReplication } from './support/messages.ts';
import { play, type Scene, WITH_DISKS } from './support/scene.ts';

/** Milliseconds after a ping of the backup: it is back before its next one is due. */
const OFFSETS = [2, 30, 70, 97];

describe('6: a backup that restarts blank within one ping interval', () => {
  for (const servers of [
    ['a', 'b'],
    ['a', 'b', 'c'],
  ]) {
    for (const offsetMs of OFFSETS) {
      it(`${offsetMs} ms after its ping, ${servers.length} servers: it loses its seat at once, and is caught up before it counts`, () =>
        play({ seed: offsetMs, servers }, async (scene) => {
          const { world } = scene;
          scene.busy({ thinkMs: 4 });
          await world.runFor(150);
          await pingOf(scene, 'b');
          await world.runFor(offsetMs);
          const { viewnum } = scene.view;
          const restartedAt = world.now;
          scene.restartBlank('b');
          await scene.until(() => scene.view.viewnum > viewnum, 'the loss to be noticed', 200);
          expect(scene.chronicle.changes.at(-1)?.causes[0]).to.deep.include({
            kind: 'backup-lost-data',
            server: 'b:1',
          });
          expect(scene.monitor.status().safe, 'who may be promoted').to.deep.equal(['a:1']);
          await scene.full(2);
          expect(scene.ledger.longestGapMs(restartedAt, world.now)).to.be.lessThan(400);
          await world.runFor(100);
          scene.crash('a');
          await scene.resumes(1_500);
        }));
    }
  }

  /** Counted in messages of the replication, from the blank start on. */
  for (const step of [1, 2, 3, 4, 5, 7]) {
    it(`and the primary is stopped at step ${step} of the catching up: the blank one is promoted only when it has caught up`, () =>
      play(
        { seed: step, servers: ['a', 'b'], server: { limits: { retainedEntries: 1, chunkUnits: 600 } } },
        async (scene) => {
          const { world } = scene;
          const client = scene.client('client');
          for (let count = 0; count < 20; count++) {
            await client.put(`key-${count}`, 'v'.repeat(50));
            scene.ledger.put(`key-${count}`, 'v'.repeat(50));
          }
          await world.runFor(100);
          scene.restartBlank('b');
          const stop = atMessage(
            world,
            (message) =>
              isReplication(message) &&
              message.kind === 'request' &&
              message.to === 'b' &&
              scene.view.syncing.includes('b:1'),
            () => {
              world.process('a').pause();
              return undefined;
            },
            step,
          );
          await scene.until(() => stop.came, 'that step', 2_000);
          const isSafe = scene.monitor.status().safe.includes('b:1');
          await world.runFor(1_500);
          expect(scene.primary, 'who is primary').to.equal(isSafe ? 'b' : 'a');
          if (!isSafe) {
            expect(scene.monitor.status().waiting).to.deep.include({ kind: 'data', servers: ['a:1'] });
            expect(scene.server('b').status().role).not.to.equal('primary');
          }
          world.process('a').resume();
          await scene.full(2);
        },
      ));
  }
});

describe('6: a backup that restarts with its disk within one ping interval', () => {
  for (const offsetMs of OFFSETS) {
    it(`${offsetMs} ms after its ping: it keeps its seat in a new view, and gets what it missed, entry by entry`, () =>
      play({ seed: offsetMs, servers: ['a', 'b'], ...WITH_DISKS }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 4 });
        await world.runFor(150);
        await pingOf(scene, 'b');
        await world.runFor(offsetMs);
        const restartedAt = world.now;
        void scene.restart('b');
        await scene.until(() => scene.chronicle.changesSince(restartedAt).length > 0, 'the new run to be heard', 300);
        const [change] = scene.chronicle.changesSince(restartedAt);
        expect(change?.causes).to.deep.equal([{ kind: 'member-restarted', server: 'b:1' }]);
        await scene.full(2);
        expect(scene.ledger.longestGapMs(restartedAt, world.now)).to.be.lessThan(400);
        const { counters } = scene.server('a').status();
        expect(counters.transfersStarted, 'transfers, but for the first').to.equal(0);
        scene.crash('a');
        await scene.resumes(1_500);
        expect(scene.primary).to.equal('b');
      }));

    it(`${offsetMs} ms after its ping, with a disk that is some entries short: that is a loss of data`, () =>
      play({ seed: offsetMs, servers: ['a', 'b'], ...WITH_DISKS }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 4 });
        await world.runFor(150);
        const older = world.process('b').disk.snapshot();
        await pingOf(scene, 'b');
        await world.runFor(100 + offsetMs);
        const restartedAt = world.now;
        scene.crash('b');
        world.process('b').disk.restore(older);
        void scene.startServer('b');
        await scene.until(() => scene.chronicle.changesSince(restartedAt).length > 0, 'the loss to be noticed', 300);
        const [change] = scene.chronicle.changesSince(restartedAt);
        expect(change?.causes[0]).to.deep.equal({ kind: 'backup-lost-data', server: 'b:1' });
        expect(scene.monitor.status().safe, 'who may be promoted').to.deep.equal(['a:1']);
        await scene.full(2);
        scene.crash('a');
        await scene.resumes(1_500);
      }));
  }
});

/** Waits until that server's next ping has left. */
async function pingOf(scene: Scene, server: string): Promise<void> {
  const ping = atMessage(
    scene.world,
    ({ from, method, kind }) => from === server && method === 'sysmonitor.ping' && kind === 'request',
    () => undefined,
  );
  await scene.until(() => ping.came, `a ping of ${server}`, 500);
}

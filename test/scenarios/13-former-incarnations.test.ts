/** Scenario 13: a ping of a former incarnation arrives late; two processes claim one address (V11). */
import { expect } from 'chai';
import { isWanted } from './support/messages.ts';
import { play, type Scene, WITH_DISKS } from './support/scene.ts';

/** Milliseconds after the restart at which the former run's pings arrive. */
const DELAYS = [5, 40, 120, 700, 3_000];

describe('13: former incarnations', () => {
  for (const server of ['a', 'b']) {
    for (const delayMs of DELAYS) {
      it(`pings of a former run of ${server === 'a' ? 'the primary' : 'the backup'} arrive ${delayMs} ms after it came back blank: they change nothing`, () =>
        play({ seed: delayMs, servers: ['a', 'b', 'c'] }, async (scene) => {
          const { world } = scene;
          scene.busy();
          await world.runFor(120);
          // A last few pings are on their way when the process dies.
          const late = world.network.intercept((message) =>
            isWanted(message, { method: 'sysmonitor.ping', kind: 'request', from: server }) ? 'hold' : undefined,
          );
          await world.runFor(250);
          expect(late.held.length).to.be.greaterThan(1);
          late.remove();
          scene.restartBlank(server);
          await world.runFor(delayMs);
          const { viewnum } = scene.view;
          const inSync = scene.inSync;
          const heard = scene.monitor.status().servers.find((sighting) => sighting.server === `${server}:1`);
          late.release();
          await world.runFor(5);
          const now = scene.monitor.status().servers.find((sighting) => sighting.server === `${server}:1`);
          expect(now?.incarnation, 'the run that counts').to.equal(heard?.incarnation ?? now?.incarnation);
          if (delayMs > 1 && inSync) expect(scene.view.viewnum, 'the view').to.equal(viewnum);
          expect(scene.monitor.status().safe, 'who holds the data').not.to.include(delayMs < 10 ? `${server}:1` : '');
          await scene.full(2);
          await scene.resumes(1_500);
          const conflicts = scene.chronicle.monitorSaid.filter(({ kind }) => kind === 'conflict');
          expect(conflicts, 'what the monitor said of it').to.have.lengthOf.at.least(1);
        }));
    }
  }

  it('an acknowledgement that comes late does not count the backup that has lost its data since (V3)', () =>
    play({ seed: 4, servers: ['a', 'b'] }, async (scene) => {
      const { world } = scene;
      const client = scene.client('client');
      await scene.append(client, 'log');
      // The backup dies, a new one joins, and the acknowledgement of that view is held up on its way.
      scene.restartBlank('b');
      await scene.heard('b');
      const late = world.network.intercept((message) =>
        message.method === 'sysmonitor.ping' && message.kind === 'request' && isAcknowledgement(scene, message.text)
          ? 'hold'
          : undefined,
      );
      await scene.until(() => late.held.length > 0, 'the acknowledgement', 2_000);
      scene.restartBlank('b');
      await scene.heard('b');
      world.process('a').pause();
      late.remove();
      late.release();
      await world.runFor(1_000);
      expect(scene.monitor.status().safe).to.deep.equal(['a:1']);
      expect(scene.primary).to.equal('a');
      world.process('a').resume();
      await scene.full(2);
    }));

  for (const claimed of ['a', 'b']) {
    it(`two processes claim the address of ${claimed === 'a' ? 'the primary' : 'the backup'}: the older one ends and says why, and nothing is lost`, () =>
      play({ seed: claimed, servers: ['a', 'b'] }, async (scene) => {
        const { world, chronicle } = scene;
        scene.busy();
        scene.probe({ key: 'log-0', server: 'a' });
        await world.runFor(150);
        chronicle.expectedEnds.push(/^[ab]: another process serves as [ab]:1/);
        const ended = scene.server(claimed).ended;
        const claimedAt = world.now;
        // Another process that calls itself by the other's name, and is whom the monitor reaches at that address.
        world.network.moveAddress('m', `${claimed}:1`, 'imposter:1');
        await scene.startServer('imposter', { advertise: `${claimed}:1` });
        expect(await ended).to.match(/another process serves as/);
        scene.servers.delete(claimed);
        expect(world.now - claimedAt, 'ms until it ended').to.be.lessThan(200);
        await scene.resumes(1_500);
        expect(scene.primary).to.equal(claimed === 'a' ? 'b' : 'a');
        await scene.server('imposter').kill();
        scene.servers.delete('imposter');
        world.network.moveAddress('m', `${claimed}:1`, `${claimed}:1`);
        await scene.restart(claimed);
        await scene.full(2, 20_000);
      }));
  }

  it('a process that calls itself by the name of a server, and is not who answers there, changes nothing', () =>
    play({ seed: 3, servers: ['a', 'b'] }, async (scene) => {
      const { world, chronicle } = scene;
      scene.busy();
      await world.runFor(150);
      const before = scene.view;
      await scene.startServer('imposter', { advertise: 'a:1' });
      await world.runFor(1_000);
      expect(scene.view).to.deep.equal(before);
      const refused = chronicle.monitorSaid.filter(({ kind }) => kind === 'message-refused');
      expect(refused[0]).to.include({ from: 'a:1', why: 'unconfirmed', times: 1 });
      expect(refused, 'they are told once a second').to.have.lengthOf.at.most(2);
      await scene.server('imposter').kill();
      scene.servers.delete('imposter');
    }));

  it('a process whose wall clock was set back starts with an older incarnation: it takes a greater one, and joins', () =>
    play({ seed: 9, servers: ['a', 'b'] }, async (scene) => {
      const { world } = scene;
      scene.busy();
      await world.runFor(150);
      const former = scene.server('b').status().incarnation;
      scene.crash('b');
      world.process('b').jumpWallClock(-3_600_000);
      await scene.startServer('b');
      expect(scene.server('b').status().incarnation < former, 'its first one was older').to.equal(true);
      await scene.heard('b');
      await scene.full(2, 3_000);
      expect(scene.server('b').status().incarnation > former).to.equal(true);
    }));

  it('one with a disk has noted its incarnation before its first ping: the next run, its wall clock set back, has a greater one, however late that ping is', () =>
    play({ seed: 10, servers: ['a', 'b'], ...WITH_DISKS }, async (scene) => {
      const { world } = scene;
      const client = scene.client('writer');
      await scene.append(client, 'log');
      await scene.full(2);
      scene.crash('b');
      const late = world.network.intercept((message) =>
        isWanted(message, { method: 'sysmonitor.ping', kind: 'request', from: 'b' }) ? 'hold' : undefined,
      );
      await scene.startServer('b');
      await scene.until(() => late.held.length > 0, 'its first ping', 500);
      const former = scene.server('b').status().incarnation;
      late.remove();
      scene.crash('b');
      world.process('b').jumpWallClock(-3_600_000);
      await scene.startServer('b');
      const { incarnation } = scene.server('b').status();
      expect(incarnation > former, 'it is the newer one').to.equal(true);
      await scene.full(2, 3_000);
      late.release();
      await world.runFor(500);
      expect(scene.server('b').status().incarnation, 'the run that counts').to.equal(incarnation);
      await scene.full(2);
      await scene.append(client, 'log');
      scene.crash('a');
      await scene.read(client, 'log');
    }));
});

/** A ping of the primary that has fulfilled the view with the blank backup in it. */
function isAcknowledgement(scene: Scene, text: string): boolean {
  const { server, viewnum } = JSON.parse(text) as { readonly server: string; readonly viewnum: number };
  return server === 'a:1' && viewnum === scene.view.viewnum && scene.view.syncing.includes('b:1');
}

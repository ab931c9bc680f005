/** One more: a blank server starts next to a monitor that restarted without its state, while the old primary and backup live. */
import { expect } from 'chai';
import { isWanted } from './support/messages.ts';
import { play } from './support/scene.ts';

/** Milliseconds after the monitor's start at which the members are heard again, at their next pings; it listens for 500. */
const HEARD_AFTER = [0, 90, 240, 380];

describe('one more: a blank server next to a monitor without its state', () => {
  for (const heardAfterMs of HEARD_AFTER) {
    for (const late of [['a'], ['b'], ['a', 'b']]) {
      it(`the blank one is heard at once, ${late.join(' and ')} after ${heardAfterMs} ms: it gets no seat before the members have told all, and nothing is lost (V1, V12)`, () =>
        play({ seed: heardAfterMs, servers: ['a', 'b'] }, async (scene) => {
          const { world, chronicle } = scene;
          scene.busy();
          await world.runFor(150);
          const cluster = scene.view.cluster;
          const held = world.network.intercept((message) =>
            isWanted(message, { method: 'sysmonitor.ping', kind: 'request' }) && late.includes(message.from)
              ? 'drop'
              : undefined,
          );
          const blankSince = world.now;
          await scene.restartMonitor();
          await scene.startServer('blank');
          const probe = scene.probe({ key: 'log-0', server: 'blank', everyMs: 20 });
          await world.runFor(heardAfterMs);
          held.remove();
          await scene.until(() => scene.view.viewnum > 0, 'the view to be rebuilt', 3_000);
          expect(scene.view).to.deep.include({ primary: 'a:1', cluster });
          await scene.full(2);
          expect(scene.ledger.longestGapMs(blankSince, world.now), 'writes go on meanwhile').to.be.lessThan(300);
          expect(probe.answered, 'answers of the blank one').to.equal(0);
          expect(chronicle.notices('refused-seat')).to.deep.equal([]);
        }));
    }
  }

  it('the members are not heard in time, and the blank one begins a cluster of its own: neither takes the other for its own', () =>
    play({ seed: 1, servers: ['a', 'b'] }, async (scene) => {
      const { world } = scene;
      const client = scene.client('client');
      await scene.append(client, 'log');
      const cluster = scene.view.cluster;
      world.network.partition([
        ['m', 'blank'],
        ['a', 'b', 'client'],
      ]);
      await scene.restartMonitor();
      await scene.startServer('blank');
      await scene.until(() => scene.view.viewnum === 1, 'a new cluster', 2_000);
      expect(scene.view.cluster).not.to.equal(cluster);
      world.network.heal();
      await world.runFor(1_000);
      // Their data is as it was, and they serve it to whoever knows them.
      expect(scene.view, 'the view of the new cluster').to.deep.include({
        viewnum: 1,
        primary: 'blank:1',
        backups: [],
      });
      for (const name of ['a', 'b']) expect(scene.server(name).status()).to.deep.include({ commitIndex: 3 });
      await scene.read(client, 'log');
      expect(scene.chronicle.monitorSaid.filter(({ kind }) => kind === 'foreign')).to.have.lengthOf.at.least(2);
      scene.standsStill();
    }));
});

/** Scenario 21: an old primary's lease, a promotion, an acknowledgement, a third server and a graceful leave, all at once: no stale read. */
import { expect } from 'chai';
import { play } from './support/scene.ts';

/** As long as it may be: times the drift it is just shorter than the time after which a server is silent. */
const LEASE_MS = 390;
const DRIFT = 1.25;

/** Milliseconds after the promotion at which the new primary is told to leave. */
const LEAVES = [1, 20, 100, 300, 380, 430, 600];

describe('21: everything within one lease', () => {
  for (const leaveAfterMs of LEAVES) {
    for (const seed of [1, 2]) {
      it(`the next primary leaves ${leaveAfterMs} ms after its promotion: the lease of the old one is respected by all (L2, L6, R7, seed ${seed})`, () =>
        play(
          { seed, servers: ['a', 'b', 'c'], server: { lease: LEASE_MS }, client: { tryTimeout: 40 } },
          async (scene) => {
            const { world, chronicle } = scene;
            chronicle.expectedEnds.push(/^a: another process serves as a:1/);
            scene.busy({ clients: ['far', 'far2'], thinkMs: 5 });
            await world.runFor(180);
            const probe = scene.probe({ key: 'log-0', server: 'a', from: 'near', everyMs: 3 });
            await world.runFor(70);
            const cutAt = world.now;
            world.network.partition([['a'], ['m', 'b', 'c', 'far', 'far2']]);
            // The monitor takes the old primary for dead at once, for another process has its name, and no data.
            await scene.startServer('imposter', { advertise: 'a:1' });
            await scene.until(() => scene.primary === 'b', 'b to be promoted', 200);
            const promotedAt = world.now;
            await world.runFor(leaveAfterMs);
            const leaving = scene.server('b').close();
            const left = scene.until(() => scene.primary === 'c' && scene.inSync, 'c to take over', 3_000);
            await left;
            expect(await leaving, 'what was lost').to.equal('');
            scene.servers.delete('b');
            await scene.resumes(1_000);
            expect(probe.answeredSince(promotedAt), 'answers of the old primary under its lease').to.be.greaterThan(20);
            expect(probe.answeredSince(cutAt + LEASE_MS + 5), 'and without').to.equal(0);
            // Heartbeats come every quarter of a lease, so this is the least that the promise can have left.
            expect(
              firstWriteAfter(scene.ledger.acknowledgements, promotedAt) - cutAt,
              'when writes went on',
            ).to.be.greaterThan(LEASE_MS * (DRIFT - 0.25) - 30);
            await world.runFor(300);
            world.network.heal();
            await scene.server('a').ended;
            scene.servers.delete('a');
            await scene.server('imposter').kill();
            scene.servers.delete('imposter');
          },
        ));
    }
  }
});

function firstWriteAfter(acknowledgements: readonly number[], at: number): number {
  return acknowledgements.find((time) => time > at) ?? Infinity;
}

/** Scenario 21: an old primary's lease, a promotion, an acknowledgement, a third server and a graceful leave, all at once: no stale read. */
import { expect } from 'chai';
import { play, type Scene } from './support/scene.ts';

/** As long as it may be: times the drift it is just shorter than the time after which a server is silent. */
const LEASE_MS = 390;
const DRIFT = 1.25;

/** Heartbeats come every quarter of a lease, so this is the least that a promise can have left when the link is cut. */
const LEAST_WAIT_MS = LEASE_MS * (DRIFT - 0.25) - 30;
const MOST_WAIT_MS = 1_200;

/** Milliseconds after the promotion at which the new primary is told to leave. */
const LEAVES = [1, 20, 100, 300, 380, 430, 600];

interface Case {
  readonly backups: number;
  /** With operations at the new primary that wait for it, and without. */
  readonly isBusy: boolean;
  readonly leaveAfterMs: number;
}

function* cases(): Generator<Case> {
  for (const backups of [1, 2]) {
    for (const isBusy of [true, false]) for (const leaveAfterMs of LEAVES) yield { backups, isBusy, leaveAfterMs };
  }
}

describe('21: everything within one lease', () => {
  for (const { backups, isBusy, leaveAfterMs } of cases()) {
    const what = `of ${backups + 1} servers in the view, ${isBusy ? 'busy' : 'quiet'}`;
    it(`${what}: the next primary leaves ${leaveAfterMs} ms after its promotion, and the lease of the old one is respected by all (L2, L6, R7)`, () =>
      play(
        {
          seed: `${backups}${leaveAfterMs}`,
          servers: ['a', 'b', 'c'],
          backups,
          server: { lease: LEASE_MS },
          client: { tryTimeout: 40 },
        },
        async (scene) => {
          const { world } = scene;
          const traffic = scene.busy({ clients: ['far', 'far2'], thinkMs: 5 });
          await world.runFor(180);
          if (!isBusy) await traffic.stop();
          const probe = scene.probe({ key: 'log-0', server: 'a', from: 'near', everyMs: 3 });
          await world.runFor(70);
          const cutAt = world.now;
          world.network.partition([['a'], ['m', 'b', 'c', 'far', 'far2', 'late']]);
          // The monitor takes the old primary for dead at once, for another process has its name, and no data.
          world.network.moveAddress('m', 'a:1', 'imposter:1');
          await scene.startServer('imposter', { advertise: 'a:1' });
          await scene.until(() => scene.primary === 'b', 'b to be promoted', 200);
          const promotedAt = world.now;
          await world.runFor(leaveAfterMs);
          expect(await scene.server('b').close(), 'what was lost').to.equal('');
          scene.servers.delete('b');
          await scene.append(scene.client('late'), 'log-0');
          expect(scene.primary).to.equal('c');
          const writtenAt = scene.ledger.acknowledgements.find((at) => at > promotedAt) ?? Infinity;
          expect(writtenAt - cutAt, 'when writes went on').to.be.within(LEAST_WAIT_MS, MOST_WAIT_MS + leaveAfterMs);
          expect(probe.answeredSince(promotedAt), 'answers of the old primary under its lease').to.be.greaterThan(20);
          expect(probe.answeredSince(cutAt + LEASE_MS + 5), 'and without').to.equal(0);
          await world.runFor(300);
          await putAwayTwins(scene);
        },
      ));
  }
});

/** The two processes that claim the address of a. */
async function putAwayTwins(scene: Scene): Promise<void> {
  scene.chronicle.expectedEnds.push(/^a: another process serves as a:1/);
  scene.world.network.heal();
  await scene.server('a').ended;
  await scene.server('imposter').kill();
  for (const name of ['a', 'imposter']) scene.servers.delete(name);
}

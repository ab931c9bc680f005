/** Scenario 16: thirty per cent of all pings are lost for ten minutes: a bounded number of view changes. */
import { expect } from 'chai';
import { isWanted } from './support/messages.ts';
import { play } from './support/scene.ts';

const MINUTE_MS = 60_000;
const LOSS = 0.3;

/**
 * A server counts as silent when five pings in a row are lost (four, if the next one comes late): 0.7 x 0.3^5 of 600 pings, once
 * a minute. Each time costs at most a view without it and a view with it. That for two servers, and half as much again for chance.
 */
const MOST_CHANGES_A_MINUTE = 1.02 * 2 * 2 * 1.5;

const RUNS: readonly (readonly [servers: readonly string[], minutes: number])[] = [
  [['a', 'b'], 2],
  [['a', 'b', 'c'], 10],
];

describe('16: lost pings', () => {
  for (const [servers, minutes] of RUNS) {
    const most = Math.ceil(minutes * MOST_CHANGES_A_MINUTE);
    it(`30 % of them for ${minutes} minutes, ${servers.length} servers: at most ${most} view changes, and the service goes on`, () =>
      play({ seed: servers.length, servers, limitMs: 2 * minutes * MINUTE_MS }, async (scene) => {
        const { world } = scene;
        scene.busy({ clients: ['c1'], thinkMs: 150 });
        const since = world.now;
        world.network.intercept((message) =>
          isWanted(message, { method: 'sysmonitor.ping', kind: 'request' }) && world.random.chance(LOSS)
            ? 'drop'
            : undefined,
        );
        await world.runFor(minutes * MINUTE_MS);
        const changes = scene.chronicle.changesSince(since).length;
        expect(changes, 'view changes').to.be.at.most(most);
        expect(changes, 'view changes').to.be.at.least(2);
        expect(scene.ledger.longestGapMs(since, world.now), 'between two writes').to.be.lessThan(2_500);
      })).timeout(60_000);
  }
});

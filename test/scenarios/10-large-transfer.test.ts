/** Scenario 10: a large transfer while writes go on; its source is deposed half-way, its receiver dies at each step. */

import type { Message, Verdict } from '@understudy/testkit';
import { expect } from 'chai';
import { atMessage } from './support/messages.ts';
import { play, type Scene } from './support/scene.ts';

const KEYS = 120;
/** About 12 chunks. */
const LIMITS = { retainedEntries: 20, chunkUnits: 2_500 };

const toNewcomer = (method: string) => (message: Message) =>
  message.method === method && message.kind === 'request' && message.to === 'n';

describe('10: a large transfer', () => {
  for (const seed of [1, 2]) {
    it(`writes go on all the while, and the newcomer has everything at the end (seed ${seed})`, () =>
      play({ seed, servers: ['a'], server: { limits: LIMITS } }, async (scene) => {
        await fill(scene);
        scene.busy({ thinkMs: 2, lanes: 2 });
        // 20 ms for a chunk to arrive: the transfer takes half a second.
        scene.world.network.configureLink('a', 'n', { latencyMs: 20 });
        const startedAt = scene.world.now;
        await scene.startServer('n');
        await scene.full(2);
        const tookMs = scene.world.now - startedAt;
        expect(tookMs, 'how long it took').to.be.greaterThan(200);
        expect(scene.ledger.longestGapMs(startedAt, scene.world.now), 'longest gap between two writes').to.be.lessThan(
          100,
        );
        expect(scene.chronicle.notices('sync-started')).to.have.lengthOf(1);
        scene.crash('a');
        await scene.until(() => scene.primary === 'n', 'the newcomer to be primary', 2_000);
      }));
  }

  for (const step of [1, 2, 5, 9, 12, 13, 14]) {
    it(`the receiver dies at step ${step}, and a blank run of it starts over`, () =>
      play({ seed: step, servers: ['a'], server: { limits: LIMITS } }, async (scene) => {
        await fill(scene);
        scene.busy({ thinkMs: 3 });
        const death = atStep(scene, step, () => {
          scene.restartBlank('n');
          return undefined;
        });
        const startedAt = scene.world.now;
        await scene.startServer('n');
        await scene.until(() => death.came, 'that step', 2_000);
        await scene.full(2);
        expect(scene.ledger.longestGapMs(startedAt, scene.world.now)).to.be.lessThan(400);
        scene.crash('a');
      }));

    it(`what is sent at step ${step} is lost: the transfer goes on`, () =>
      play({ seed: step, servers: ['a'], server: { limits: LIMITS } }, async (scene) => {
        await fill(scene);
        scene.busy({ thinkMs: 3 });
        const loss = atStep(scene, step, () => 'drop');
        await scene.startServer('n');
        await scene.until(() => loss.came, 'that step', 2_000);
        await scene.full(2);
        expect(scene.chronicle.notices('sync-restarted')).to.have.lengthOf(0);
        scene.crash('a');
      }));

    it(`its source dies at step ${step}: the next primary brings the receiver up to date`, () =>
      play({ seed: step, servers: ['a', 'b'], backups: 2, server: { limits: LIMITS } }, async (scene) => {
        await fill(scene);
        scene.busy({ thinkMs: 3 });
        const death = atStep(scene, step, () => {
          scene.crash('a');
          return undefined;
        });
        await scene.startServer('n');
        await scene.until(() => death.came, 'that step', 2_000);
        // The newcomer may have come to hold everything in that step, and then either may follow.
        await scene.until(() => scene.primary !== 'a', 'a promotion', 2_000);
        await scene.full(2);
        const survivor = scene.primary === 'b' ? 'n' : 'b';
        scene.crash(scene.primary);
        await scene.until(() => scene.primary === survivor, 'the other to be primary', 2_000);
      }));

    it(`its source is cut off at step ${step} and comes back with more entries: nothing of it counts any more`, () =>
      play({ seed: step, servers: ['a', 'b'], backups: 2, server: { limits: LIMITS } }, async (scene) => {
        const { world } = scene;
        await fill(scene);
        scene.busy({ thinkMs: 3 });
        const cut = atStep(scene, step, () => {
          world.network.partition([['a'], ['m', 'b']]);
          return undefined;
        });
        await scene.startServer('n');
        await scene.until(() => cut.came, 'that step', 2_000);
        await scene.until(() => scene.primary !== 'a' && scene.inSync, 'another primary', 6_000);
        world.network.heal();
        await scene.full(3);
        scene.crash(scene.primary);
      }));
  }
});

/** So much that it takes many chunks. */
async function fill(scene: Scene): Promise<void> {
  const client = scene.client('filler');
  await Promise.all(
    Array.from({ length: KEYS }, (_, count) => {
      const [key, value] = [`key-${count}`, `${count}`.repeat(50)];
      scene.ledger.put(key, value);
      return client.put(key, value);
    }),
  );
}

/** Steps are the chunks, and after the last one the prepares that bring the entries since. */
function atStep(scene: Scene, step: number, action: () => Verdict) {
  let chunks = 0;
  const isStep = (message: Message) => {
    if (toNewcomer('kv.chunk')(message)) chunks += 1;
    return chunks > 0 && (toNewcomer('kv.chunk')(message) || toNewcomer('kv.prepare')(message));
  };
  return atMessage(scene.world, isStep, action, step);
}

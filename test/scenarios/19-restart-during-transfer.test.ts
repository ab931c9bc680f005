/** Scenario 19: a primary restarts from disk while a new backup is half brought up to date: that is no acknowledgement (V7). */
import { expect } from 'chai';
import { atMessage } from './support/messages.ts';
import { play, WITH_DISKS } from './support/scene.ts';

/** A log that is cut at once, and about a dozen chunks. */
const LIMITS = { retainedEntries: 10, checkpointEntries: 10, chunkUnits: 1_000 };

describe('19: a primary that restarts from disk in the middle of a transfer', () => {
  for (const step of [1, 2, 6, 11]) {
    it(`at chunk ${step}: nobody passes for safe but the primary, until the new backup really holds everything`, () =>
      play(
        { seed: step, servers: ['a'], ...WITH_DISKS, server: { ...WITH_DISKS.server, limits: LIMITS } },
        async (scene) => {
          const { world } = scene;
          const client = scene.client('client');
          for (let count = 0; count < 60; count++) {
            await client.put(`key-${count}`, 'v'.repeat(100));
            scene.ledger.put(`key-${count}`, 'v'.repeat(100));
          }
          const death = atMessage(
            world,
            ({ method, kind, to }) => method === 'kv.chunk' && kind === 'request' && to === 'b',
            () => {
              void scene.restart('a');
              return 'drop';
            },
            step,
          );
          void scene.startServer('b');
          await scene.until(() => death.came, 'that chunk', 3_000);
          const { viewnum } = scene.view;
          await scene.until(() => scene.view.viewnum > viewnum, 'the new run to be heard', 1_000);
          const { acknowledged, safe } = scene.monitor.status();
          expect({ acknowledged, safe }).to.deep.equal({ acknowledged: false, safe: ['a:1'] });
          let wasEarly = false;
          await scene.until(() => {
            const status = scene.monitor.status();
            // Of what is committed: what it has applied, and its log behind that.
            const holds = scene.server('b').status().position.index >= scene.server('a').status().commitIndex;
            wasEarly ||= status.safe.includes('b:1') && !holds;
            return status.acknowledged && status.safe.length === 2;
          }, 'the view to be acknowledged');
          expect(wasEarly, 'b was counted before it held everything').to.equal(false);
          scene.crash('a');
          await scene.until(() => scene.primary === 'b', 'b to be promoted', 2_000);
        },
      ));

    it(`at chunk ${step}, and never comes back: the half-filled backup is not promoted`, () =>
      play(
        { seed: step, servers: ['a'], ...WITH_DISKS, server: { ...WITH_DISKS.server, limits: LIMITS } },
        async (scene) => {
          const { world } = scene;
          const client = scene.client('client');
          for (let count = 0; count < 60; count++) await client.put(`key-${count}`, 'v'.repeat(100));
          const isChunk = ({ method, kind, to }: { method: string; kind: string; to: string }) =>
            method === 'kv.chunk' && kind === 'request' && to === 'b';
          const restart = atMessage(world, isChunk, () => void scene.restart('a') as undefined, step);
          void scene.startServer('b');
          await scene.until(() => restart.came, 'that chunk', 3_000);
          const death = atMessage(world, isChunk, () => void scene.crash('a') as undefined, 1);
          await scene.until(() => death.came, 'another chunk', 3_000);
          await world.runFor(3_000);
          expect([scene.primary, scene.monitor.status().waiting]).to.deep.equal([
            'a',
            { kind: 'data', servers: ['a:1'] },
          ]);
          expect(scene.server('b').status().role).not.to.equal('primary');
          scene.standsStill();
        },
      ));
  }
});

/** Scenario 4: reads while a write is not committed, and then a failover without that write. */
import { expect } from 'chai';
import { carriesEntries } from './support/messages.ts';
import { play, type Scene } from './support/scene.ts';

type Loss = 'the entry never reaches the backup' | 'the backup has the entry, its acknowledgement never comes back';

/** Milliseconds after the write at which the primary dies: with its lease, and without. */
const DEATHS = [30, 150, 320];

describe('4: reads during an uncommitted write', () => {
  const losses: readonly Loss[] = [
    'the entry never reaches the backup',
    'the backup has the entry, its acknowledgement never comes back',
  ];
  for (const loss of losses) {
    for (const afterMs of DEATHS) {
      for (const seed of [1, 2]) {
        it(`${loss}, the primary dies ${afterMs} ms later: nobody has read it before it is committed (seed ${seed})`, () =>
          play({ seed, servers: ['a', 'b'] }, async (scene) => {
            const { world, ledger } = scene;
            const client = scene.client('writer');
            await scene.append(client, 'log');
            await world.runFor(60);
            world.network.intercept((message) => losesTo(loss, message));
            // Without a session nobody sends it again: it is lost with the primary, or committed by the next.
            const token = ledger.token('uncommitted');
            ledger.register('log').begins('append', token, world.now);
            void scene.call('a', 'kv.append', { key: 'log', value: token }, { from: 'raw' }).catch(() => {});
            const probes = [
              scene.probe({ key: 'log', server: 'a', everyMs: 3 }),
              scene.probe({ key: 'log', server: 'b', everyMs: 3, consistency: 'linearizable' }),
            ];
            const sequential = readSequentially(scene, token);
            await world.runFor(afterMs);
            scene.crash('a');
            expect(probes[0]?.answered ?? 0, 'reads that the old primary answered').to.be.greaterThan(3);
            await scene.until(() => scene.primary === 'b' && scene.inSync, 'b to take over', 2_000);
            const servesAt = scene.chronicle.said.find(
              ({ server, notice }) => server === 'b' && notice.kind === 'serving',
            )?.at;
            const after = await scene.read(client, 'log');
            expect(after.includes(token), 'whether it was done').to.equal(loss.startsWith('the backup has'));
            const seenAt = await sequential.stop();
            expect(seenAt, 'when b showed it first').to.be.at.least(servesAt ?? Infinity);
          }));
      }
    }
  }
});

function losesTo(loss: Loss, message: Parameters<typeof carriesEntries>[0]): 'drop' | undefined {
  if (loss === 'the entry never reaches the backup') {
    return message.from === 'a' && carriesEntries(message) ? 'drop' : undefined;
  }
  const isAcknowledgement = message.kind === 'reply' && message.to === 'a' && message.method === 'kv.prepare';
  return isAcknowledgement ? 'drop' : undefined;
}

/** Asks the backup for what it has, however old, and notes when it showed the token; Infinity: never. */
function readSequentially(scene: Scene, token: string): { stop(): Promise<number> } {
  let seenAt = Infinity;
  let stops = false;
  const run = async () => {
    while (!stops) {
      const params = { key: 'log', consistency: 'sequential' };
      const result = await scene.call('b', 'kv.get', params, { from: 'sequential' }).catch(() => undefined);
      if (String(result?.value).includes(token)) seenAt = Math.min(seenAt, scene.world.now);
      await new Promise<void>((resolve) => scene.world.process('sequential').world.clock.after(3, resolve));
    }
  };
  const running = run();
  return {
    stop: async () => {
      stops = true;
      await running;
      return seenAt;
    },
  };
}

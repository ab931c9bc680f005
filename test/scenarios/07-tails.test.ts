/** Scenario 7: failovers to and fro, each deposed primary with another tail of entries that nobody else has. */
import { expect } from 'chai';
import { carriesEntries } from './support/messages.ts';
import { play, type Scene } from './support/scene.ts';

/** How many entries each primary in turn appends after it was cut off. */
const TAILS: readonly (readonly number[])[] = [
  [1, 1],
  [1, 0, 3],
  [0, 2, 0, 2],
  [5, 1, 5],
  [1, 5, 1],
  [40, 3, 40, 3],
  [2, 2, 2, 2, 2, 2],
];

describe('7: conflicting tails', () => {
  for (const servers of [
    ['a', 'b'],
    ['a', 'b', 'c'],
  ]) {
    for (const tails of TAILS) {
      it(`primaries deposed one after the other with ${tails.join(', ')} entries of their own (${servers.length} servers): all cut off, nothing acknowledged lost`, () =>
        play({ seed: tails.length, servers }, async (scene) => {
          scene.busy({ clients: ['c1'], thinkMs: 8 });
          for (const length of tails) {
            const old = scene.primary;
            await deposeWithTail(scene, old, length);
            scene.world.network.heal();
            await scene.full(2);
            const { counters, position } = await statusInSync(scene, old);
            if (servers.length === 2 && length > 0)
              expect(counters.suffixesCut, `tails cut off ${old}`).to.be.greaterThan(0);
            expect(position.viewnum).to.be.greaterThan(0);
          }
          expect(await scene.read(scene.client('judge'), 'log-0'), 'what was cut off').not.to.include('tail');
        }));
    }
  }

  it('the longest log of an older view loses against a short one of a newer (R10)', () =>
    play({ seed: 3, servers: ['a', 'b', 'c'], backups: 2 }, async (scene) => {
      const client = scene.client('client');
      await scene.append(client, 'log');
      await deposeWithTail(scene, 'a', 200);
      const acknowledged = [await scene.append(client, 'log'), await scene.append(client, 'log')];
      scene.world.network.heal();
      await scene.full(3);
      expect(scene.primary).not.to.equal('a');
      // Both others die: whoever is left has what was acknowledged, and nothing else.
      for (const name of scene.members.filter((member) => member !== 'a')) scene.crash(name);
      await scene.until(() => scene.primary === 'a' && scene.inSync, 'a to be primary', 3_000);
      const value = await scene.read(client, 'log');
      expect(value.endsWith(acknowledged.join(''))).to.equal(true);
      expect(value).not.to.include('tail');
    }));

  for (const seed of [1, 2, 3]) {
    it(`a server killed, started, killed, started: its seats are never mixed up (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'], backups: 2 }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 6 });
        for (let count = 0; count < 6; count++) {
          await world.runFor(world.random.integer(50, 300));
          scene.restartBlank('b');
          await world.runFor(world.random.integer(5, 250));
          if (count % 2 === 0) scene.crash('b');
          await world.runFor(world.random.integer(10, 700));
          if (count % 2 === 0) await scene.startServer('b');
        }
        await scene.heard('b');
        await scene.full(3);
        expect(scene.primary).to.equal('a');
      }));
  }
});

/** Cuts the primary off, lets it append entries that reach nobody, and waits for another to serve. */
async function deposeWithTail(scene: Scene, old: string, length: number): Promise<void> {
  const { world, ledger } = scene;
  world.network.partition([[old], ['m', ...[...scene.servers.keys()].filter((name) => name !== old)]]);
  const sent = world.network.intercept((message) =>
    message.from === old && carriesEntries(message) ? 'drop' : undefined,
  );
  for (let count = 0; count < length; count++) {
    const token = ledger.token('tail');
    ledger.register('log-0').begins('append', token, world.now);
    void scene.call(old, 'kv.append', { key: 'log-0', value: token }, { from: 'near', timeoutMs: 400 }).catch(() => {});
    if (count % 10 === 0) await world.runFor(1);
  }
  await scene.until(() => scene.primary !== old && scene.inSync, 'another to take over', 2_000);
  if (length > 0) expect(scene.server(old).status().role, 'the old one does not know').to.equal('primary');
  sent.remove();
}

/** The status of a server that is a member again, or of the primary where it was left out. */
async function statusInSync(scene: Scene, name: string) {
  const status = () => scene.server(name).status();
  if (!scene.members.includes(name)) return scene.server(scene.primary).status();
  await scene.until(
    () => status().commitIndex >= scene.server(scene.primary).status().commitIndex - 5,
    `${name} to be in sync`,
    2_000,
  );
  return status();
}

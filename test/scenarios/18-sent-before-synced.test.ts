/** Scenario 18: a primary sends an entry before its own disk has it, dies without it, and comes back from disk (V11, R1). */
import { expect } from 'chai';
import { unpackEntries } from '../../packages/kvservice/src/packed.ts';
import { atMessage, carriesEntries } from './support/messages.ts';
import { play, type Scene, WITH_DISKS } from './support/scene.ts';

/** A write takes so long that the backup has the entry, and has answered, long before the primary's own disk has it. */
async function withSlowDisk(scene: Scene, action: () => Promise<void>): Promise<void> {
  const { disk } = scene.world.process('a');
  disk.configure({ writeMs: 1e6 });
  await action();
  disk.calm();
}

/** What the entries of a prepare name, as `(viewnum, index)`, with the text of each. */
function watchEntries(scene: Scene): ReadonlyMap<string, Set<string>> {
  const seen = new Map<string, Set<string>>();
  scene.world.network.intercept((message) => {
    if (!carriesEntries(message)) return undefined;
    const { previous, entries } = JSON.parse(message.text);
    for (const [at, entry] of unpackEntries(entries).entries()) {
      const name = `(${entry.viewnum}, ${previous.index + at + 1})`;
      seen.set(name, (seen.get(name) ?? new Set()).add(JSON.stringify(entry)));
    }
    return undefined;
  });
  return seen;
}

describe('18: a primary that sent an entry before its own disk had it', () => {
  for (const seed of [1, 2, 3]) {
    it(`dies without it, and is back before its silence is noticed: no position ever names another entry (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b'], ...WITH_DISKS }, async (scene) => {
        const { world } = scene;
        const entries = watchEntries(scene);
        const client = scene.client('writer');
        await scene.append(client, 'log');
        const { viewnum } = scene.view;
        const sent = atMessage(
          world,
          ({ from, method, kind }) => from === 'b' && method === 'kv.prepare' && kind === 'reply',
          () => undefined,
        );
        let answered = false;
        let writing: Promise<unknown> = Promise.resolve();
        await withSlowDisk(scene, async () => {
          writing = scene.append(client, 'log').then(() => {
            answered = true;
          });
          await scene.until(() => sent.came, 'the backup to have it');
          await world.runFor(20);
          expect(answered, 'the client has an answer').to.equal(false);
          scene.crash('a');
        });
        await scene.startServer('a');
        await writing;
        await scene.full(2);
        expect(scene.view.viewnum, 'the restarted primary writes in another view').to.be.greaterThan(viewnum);
        for (let count = 0; count < 3; count++) await scene.append(client, 'log');
        scene.crash(scene.primary);
        await scene.read(client, 'log');
        for (const [name, texts] of entries) expect([...texts], name).to.have.length(1);
        expect(entries.size).to.be.greaterThan(5);
      }));

    it(`dies without it, and another goes on: what that one had is kept, and the old primary takes it over (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'], ...WITH_DISKS }, async (scene) => {
        const { world } = scene;
        const entries = watchEntries(scene);
        scene.busy({ thinkMs: 5 });
        await world.runFor(100);
        await withSlowDisk(scene, async () => {
          await world.runFor(30);
          scene.crash('a');
        });
        await scene.until(() => scene.primary === 'b', 'b to be promoted', 2_000);
        await scene.startServer('a');
        await scene.full(2);
        scene.crash('b');
        await scene.resumes(2_000);
        for (const [name, texts] of entries) expect([...texts], name).to.have.length(1);
      }));
  }
});

/** Scenario 28: a large value over a slow line, and long ways everywhere: slow is not lost (V13), so no view changes. */
import { expect } from 'chai';
import { play, type Scene, WITH_DISKS } from './support/scene.ts';

const MIB = 1024 * 1024;
const KIB = 1024;

/** Both directions between primary and backup, as a whole or each connection by itself. */
function limit(scene: Scene, bytesPerSecond: number, sharedQueue: boolean): void {
  scene.world.network.configureLink('a', 'b', { bytesPerSecond, sharedQueue });
  scene.world.network.configureLink('b', 'a', { bytesPerSecond, sharedQueue });
}

/** A text of so many characters, none like the one before it, so that no part passes for another. */
function text(length: number, salt: number): string {
  let value = '';
  for (let part = 0; value.length < length; part++) value += `${salt}:${part * 7919};`;
  return value.slice(0, length);
}

async function put(scene: Scene, key: string, value: string): Promise<void> {
  scene.ledger.put(key, value);
  await scene.client(`writer of ${key}`, { tryTimeout: 30_000 }).put(key, value);
}

/** Reads at the primary one after the other, and counts those that had to wait for the backup. */
async function waitingReads(scene: Scene, during: Promise<unknown>): Promise<{ reads: number; waited: number }> {
  const { counters } = scene.server('a').status();
  const before = { ...counters };
  let isOver = false;
  void during.finally(() => {
    isOver = true;
  });
  let reads = 0;
  while (!isOver) {
    await scene.call('a', 'kv.get', { key: 'none' });
    reads += 1;
    await scene.world.runFor(5);
  }
  const waited = (scene.server('a').status().counters.readsConfirmed ?? 0) - (before.readsConfirmed ?? 0);
  return { reads, waited };
}

describe('28: large values over a slow line', () => {
  for (const sharedQueue of [false, true]) {
    const how = sharedQueue ? 'one queue for all connections' : 'each connection limited';

    it(`one put of 1 MiB over 1 MB/s: acknowledged, no view changes, leases stand (${how})`, () =>
      play({ seed: 1, servers: ['a', 'b'] }, async (scene) => {
        limit(scene, 1e6, sharedQueue);
        const { viewnum } = scene.view;
        const done = put(scene, 'large', text(MIB, 1));
        const { reads, waited } = await waitingReads(scene, done);
        await done;
        expect(scene.world.now, 'it cannot be quicker than the line').to.be.greaterThan(1_000);
        expect(scene.view.viewnum).to.equal(viewnum);
        expect(reads).to.be.greaterThan(100);
        expect(waited, `of ${reads} reads so many had no lease`).to.equal(0);
      }));

    it(`30 puts of 1 MiB at once over 12 MB/s: all acknowledged, no view changes (${how})`, () =>
      play({ seed: 2, servers: ['a', 'b'] }, async (scene) => {
        limit(scene, 12e6, sharedQueue);
        const { viewnum } = scene.view;
        await Promise.all(Array.from({ length: 30 }, (_, count) => put(scene, `large-${count}`, text(MIB, count))));
        expect(scene.view.viewnum).to.equal(viewnum);
        expect(scene.chronicle.notices('backup-lost')).to.deep.equal([]);
      }));

    it(`writes of all sizes over 300 kB/s while small ones go on: no view changes (${how})`, () =>
      play({ seed: 3, servers: ['a', 'b'] }, async (scene) => {
        limit(scene, 3e5, sharedQueue);
        const { viewnum } = scene.view;
        scene.busy({ thinkMs: 20, options: { tryTimeout: 10_000 } });
        for (const size of [KIB, 20 * KIB, 64 * KIB, 300 * KIB]) await put(scene, `size-${size}`, text(size, size));
        await scene.world.runFor(2_000);
        expect(scene.view.viewnum).to.equal(viewnum);
      }));

    it(`a newcomer gets a state with values of 1 MiB over 2 MB/s, and is taken for lost not once (${how})`, () =>
      play(
        { seed: 4, servers: ['a'], server: { limits: { retainedEntries: 1, retainedWeight: 1 } } },
        async (scene) => {
          for (let count = 0; count < 4; count++) await put(scene, `large-${count}`, text(MIB, count));
          limit(scene, 2e6, sharedQueue);
          scene.busy({ thinkMs: 20 });
          const startedAt = scene.world.now;
          await scene.startServer('b');
          await scene.full(2, 20_000);
          expect(scene.chronicle.notices('sync-started').map(({ by }) => by)).to.deep.equal(['snapshot']);
          expect(scene.chronicle.notices('backup-lost')).to.deep.equal([]);
          expect(scene.chronicle.changesSince(startedAt)).to.have.lengthOf(1);
          scene.crash('a');
          await scene.until(() => scene.primary === 'b', 'the newcomer to be primary', 2_000);
        },
      ));

    it(`a backup that was away gets entries of 1 MiB over 2 MB/s out of the log (${how})`, () =>
      play({ seed: 5, servers: ['a', 'b'], ...WITH_DISKS }, async (scene) => {
        await put(scene, 'first', 'value');
        scene.crash('b');
        await scene.until(() => scene.backups.length === 0, 'the backup to be taken out', 2_000);
        for (let count = 0; count < 4; count++) await put(scene, `large-${count}`, text(MIB, count));
        limit(scene, 2e6, sharedQueue);
        const startedAt = scene.world.now;
        await scene.startServer('b');
        await scene.full(2, 20_000);
        const started = scene.chronicle.notices('sync-started');
        expect(started.map(({ by }) => by).at(-1)).to.equal('entries');
        expect(scene.chronicle.changesSince(startedAt)).to.have.lengthOf(1);
        scene.crash('a');
        await scene.until(() => scene.primary === 'b', 'it to be primary', 2_000);
      }));
  }
});

/** 300 ms each way everywhere, for servers, monitor and clients. */
const FAR = { latencyMs: 300, jitterMs: 5 };

describe('28: 300 ms each way on every link', () => {
  it('with a ping interval of a second, and 1 MB/s to the backup: one value of 1 MiB beside small ones changes no view', () =>
    play(
      {
        seed: 6,
        servers: ['a', 'b'],
        monitor: { pingInterval: 1_000 },
        server: { pingInterval: 1_000 },
        client: { pingInterval: 1_000 },
        limitMs: 300_000,
      },
      async (scene) => {
        scene.world.network.configure(FAR);
        limit(scene, 1e6, true);
        const { viewnum } = scene.view;
        scene.busy({ thinkMs: 200 });
        await scene.world.runFor(10_000);
        const written = scene.ledger.writes;
        expect(written).to.be.greaterThan(5);
        await put(scene, 'large', text(MIB, 6));
        await scene.world.runFor(10_000);
        expect(scene.ledger.writes).to.be.greaterThan(written + 5);
        expect(scene.view.viewnum).to.equal(viewnum);
        expect(scene.chronicle.notices('backup-distant')).to.deep.equal([]);
        // A newcomer joins over the same links.
        scene.crash('b');
        await scene.until(() => scene.backups.length === 0, 'the backup to be taken out', 20_000);
        await scene.startServer('b');
        await scene.full(2, 60_000);
        expect(scene.chronicle.notices('monitor-distant')).to.deep.equal([]);
      },
    ));

  it('with the defaults the log says what is wrong, of the monitor and of the backup', () =>
    play({ seed: 7, servers: ['a', 'b'] }, async (scene) => {
      scene.world.network.configure({ latencyMs: 100 });
      await scene.world.runFor(3_000);
      const [distant] = scene.chronicle.notices('backup-distant', 'a');
      expect(distant?.roundTripMs).to.be.within(200, 260);
      scene.world.network.configure({ latencyMs: 150 });
      await scene.world.runFor(12_000);
      expect(scene.chronicle.notices('monitor-distant', 'a')[0]?.roundTripMs).to.be.within(300, 360);
    }));
});

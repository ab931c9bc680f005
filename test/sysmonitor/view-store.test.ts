/** A monitor's state on disk: there before anybody hears of it, and found again (V9). */
import { type Disk, seal, UnderstudyError } from '@understudy/rpc';
import { type MonitorNotice, type MonitorOptions, startMonitor } from '@understudy/sysmonitor';
import { MemoryDisk, SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import type { MonitorState } from '../../packages/sysmonitor/src/core/state.ts';
import { ViewStore } from '../../packages/sysmonitor/src/view-store.ts';
import { HeldStore, passed } from '../kvservice/disk/held-store.ts';
import { runName } from '../support/run-name.ts';
import { listenAs } from './support/identified.ts';

function stateOf(viewnum: number): MonitorState {
  return {
    view: { viewnum, primary: 'a:1', backups: [], syncing: [], cluster: 'c', incarnations: { 'a:1': runName('x') } },
    acknowledged: true,
    safe: ['a:1'],
    seats: [{ server: 'a:1', incarnation: runName('x'), tookPart: true, lostData: false }],
    runs: [{ server: 'a:1', incarnation: runName('x') }],
  };
}

/** The failure's name, with what it says of the field. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    return `${error.name} ${String(error.data.field ?? '')} ${error.message}`;
  }
}

describe('the store of a monitor', () => {
  let told: string[];
  const open = (disk: Disk) =>
    ViewStore.open({
      disk,
      directory: 'data',
      onDamaged: (reason, movedTo) => told.push(`damaged: ${reason}; now ${movedTo}`),
      onFailure: (error) => told.push(`${error.name} ${error.message}`),
    });
  const tell = (what: string) => () => void told.push(what);
  beforeEach(() => {
    told = [];
  });

  describe('while it writes', () => {
    let held: HeldStore;
    let store: ViewStore;
    beforeEach(async () => {
      held = new HeldStore();
      store = await open({ open: async () => held, setAside: async () => '', hasSetAside: async () => false });
    });

    it('nobody hears of a state before it is on stable storage', async () => {
      store.whenSaved(stateOf(1), tell('view 1'));
      await passed();
      expect([held.underWay, told]).to.deep.equal([1, []]);
      await held.succeed();
      expect(told).to.deep.equal(['view 1']);
    });

    it('what is there already, or has nothing to save, is answered at once', async () => {
      store.whenSaved(undefined, tell('no view'));
      store.whenSaved(stateOf(1), tell('view 1'));
      await held.succeed();
      store.whenSaved(stateOf(1), tell('again'));
      expect(told).to.deep.equal(['no view', 'view 1', 'again']);
      expect(held.writes).to.have.lengthOf(1);
    });

    it('whoever comes during a write shares the next, also with a state that the write under way holds', async () => {
      store.whenSaved(stateOf(1), tell('view 1'));
      store.whenSaved(stateOf(1), tell('view 1 again'));
      store.whenSaved(stateOf(2), tell('view 2'));
      store.whenSaved(stateOf(3), tell('view 3'));
      await held.succeed();
      expect(told).to.deep.equal(['view 1']);
      await held.succeed();
      expect(told).to.deep.equal(['view 1', 'view 1 again', 'view 2', 'view 3']);
      expect(held.writes).to.have.lengthOf(2);
    });

    it('a state that is back to what was saved last is written all the same, for the one between', async () => {
      store.whenSaved(stateOf(1), tell('view 1'));
      store.whenSaved(stateOf(2), tell('view 2'));
      await held.succeed();
      store.whenSaved(stateOf(1), tell('view 1 once more'));
      await held.succeed();
      expect(told).to.deep.equal(['view 1', 'view 2']);
      await held.succeed();
      expect(told.at(-1)).to.equal('view 1 once more');
    });

    it('a failure is told once, and nobody hears of anything any more', async () => {
      store.whenSaved(stateOf(1), tell('view 1'));
      store.whenSaved(undefined, tell('no change'));
      await held.fail('input/output error');
      store.whenSaved(stateOf(2), tell('view 2'));
      store.whenSaved(undefined, tell('no change'));
      await passed();
      expect(told).to.deep.equal(['STORE_FAILED input/output error']);
      expect(held.writes).to.have.lengthOf(1);
    });

    it('closing waits for what is under way', async () => {
      store.whenSaved(stateOf(1), tell('view 1'));
      void store.close().then(tell('closed'));
      await passed();
      expect([held.isClosed, told]).to.deep.equal([false, []]);
      await held.succeed();
      expect([held.isClosed, told]).to.deep.equal([true, ['view 1', 'closed']]);
    });
  });

  describe('on a disk', () => {
    let disk: MemoryDisk;
    beforeEach(() => {
      disk = new MemoryDisk();
    });

    /** What is in the directory is this, whatever was there. */
    async function fill(key: string, value: string): Promise<void> {
      const raw = await disk.open('data');
      await raw.write([{ kind: 'put', key, value }]);
      await raw.close();
    }

    it('finds what was saved last', async () => {
      const before = await open(disk);
      expect(before.found).to.equal(undefined);
      for (const viewnum of [1, 2, 3]) before.whenSaved(stateOf(viewnum), tell('saved'));
      await before.close();
      const after = await open(disk);
      expect(after.found).to.deep.equal(stateOf(3));
      after.whenSaved(stateOf(3), tell('at once'));
      expect(told.at(-1)).to.equal('at once');
    });

    for (const [what, key, value, reason] of [
      ['a damaged record', 'monitor', `00000000{}`, 'the checksum of monitor is wrong'],
      ['the data of something else', 'meta', seal('meta', {}), 'meta is no record of a monitor'],
    ] as const) {
      it(`moves ${what} out of the way, says so, and starts with nothing`, async () => {
        await fill(key, value);
        const store = await open(disk);
        expect([store.found, store.isLost]).to.deep.equal([undefined, true]);
        expect(told).to.deep.equal([`damaged: ${reason}; now data.damaged-1`]);
        store.whenSaved(stateOf(7), tell('saved'));
        await store.close();
        const after = await open(disk);
        expect([after.found, after.isLost]).to.deep.equal([stateOf(7), false]);
        const kept = await disk.open('data.damaged-1');
        for await (const portion of kept.read({ from: '', to: '~' })) expect(portion).to.deep.equal([[key, value]]);
      });
    }

    it('knows at the next start too that there was something, and not where there was nothing', async () => {
      await (await open(disk)).close();
      const empty = await open(disk);
      expect(empty.isLost).to.equal(false);
      await empty.close();
      await fill('monitor', '00000000{}');
      await (await open(disk)).close();
      const again = await open(disk);
      expect([again.found, again.isLost]).to.deep.equal([undefined, true]);
      expect(told, 'said once').to.have.lengthOf(1);
    });

    it('refuses data of a newer format, and changes nothing in it', async () => {
      await fill('monitor', seal('monitor', { format: 2, state: 'of another kind' }));
      for (let attempts = 0; attempts < 2; attempts++) {
        expect(await failureOf(open(disk))).to.match(/^INVALID_PARAMS dataDir dataDir: data was written in format 2 /);
      }
      expect(told).to.deep.equal([]);
    });

    it('is in use while it is open', async () => {
      const store = await open(disk);
      expect(await failureOf(open(disk))).to.match(/^STORE_IN_USE /);
      await store.close();
      await (await open(disk)).close();
    });
  });
});

describe('a monitor with a disk', () => {
  let world: SimulatedWorld;
  let notices: MonitorNotice[];
  beforeEach(() => {
    world = new SimulatedWorld({ seed: 'monitor with a disk' });
    notices = [];
  });

  const start = (options: Partial<MonitorOptions> = {}) =>
    startMonitor({
      listen: 'm:1',
      dataDir: 'data',
      world: world.process('m').world,
      onNotice: (notice) => notices.push(notice),
      ...options,
    });

  const ping = (server: string, viewnum: number, incarnation: string) =>
    world
      .process('client')
      .world.transport.call(
        'm:1',
        'sysmonitor.ping',
        { server, viewnum, incarnation: runName(incarnation) },
        { timeoutMs: 1_000 },
      );

  for (const path of ['/health', '/status', '/cluster/status']) {
    it(`shows no view on ${path} before it is on disk`, () =>
      world.run(async () => {
        const { disk } = world.process('m');
        const monitor = await start({ newCluster: true });
        disk.configure({ writeMs: 50 });
        const pinged = ping('a:1', 0, 'x');
        await world.runUntil(() => monitor.view.viewnum === 1, { what: 'view 1' });
        expect(disk.entries('data')).to.deep.equal([]);
        const page = await world.network.page('m:1', path);
        expect(disk.entries('data')).to.have.length(1);
        expect(JSON.stringify(page?.body)).to.include('"viewnum":1');
        await pinged;
        await monitor.close();
      }));
  }

  it('answers a ping when what it changed is on disk, and goes on from there after a crash', () =>
    world.run(async () => {
      const { disk } = world.process('m');
      const monitor = await start({ newCluster: true });
      expect(disk.entries('data')).to.deep.equal([]);
      disk.configure({ writeMs: 50 });
      await ping('a:1', 0, 'x');
      expect(disk.entries('data').map(([key]) => key)).to.deep.equal(['monitor']);
      const { view } = monitor;
      world.process('m').restart();
      const again = await start();
      expect(again.view).to.deep.equal(view);
      expect(notices).to.deep.include({ kind: 'restored', view });
      await again.close();
    }));

  it('after its own start says of no server that it is here before it has heard it', () =>
    world.run(async () => {
      const monitor = await start({ newCluster: true });
      await ping('a:1', 0, 'x');
      await monitor.close();
      notices.length = 0;
      const again = await start();
      await world.runFor(2_000);
      const conditions = () => notices.flatMap((notice) => (notice.kind === 'server' ? notice.condition : []));
      expect(conditions()).to.deep.equal(['silent']);
      await ping('a:1', 1, 'x');
      expect(conditions()).to.deep.equal(['silent', 'alive']);
      await again.close();
    }));

  it('ends with a reason when its disk fails, and whoever waits for an answer gets none', () =>
    world.run(async () => {
      const process = world.process('m');
      const monitor = await start({ newCluster: true });
      process.disk.failNextWrite();
      const answer = await failureOf(ping('a:1', 0, 'x'));
      expect(answer).to.match(/^(CONNECTION_LOST|TIMEOUT) /);
      expect(await monitor.ended).to.equal('disk: the disk failed at data: input/output error');
      expect(notices.filter(({ kind }) => kind === 'view')).to.deep.equal([]);
      expect(notices.at(-1)).to.deep.equal({
        kind: 'stopped',
        reason: 'disk: the disk failed at data: input/output error',
      });
      expect(process.leftovers).to.deep.equal({ timers: 0, calls: 0, listeners: [] });
      expect(process.disk.open).to.deep.equal([]);
    }));

  it('goes on with the view that it finds, also where it is told that the cluster is new', () =>
    world.run(async () => {
      const process = world.process('m');
      const monitor = await start({ newCluster: true });
      await ping('a:1', 0, 'x');
      await monitor.close();
      const before = process.disk.snapshot();
      const again = await start({ newCluster: true });
      expect(process.disk.snapshot()).to.deep.equal(before);
      expect(again.view.viewnum).to.equal(1);
      await again.close();
    }));

  it('listens for its servers from when it can hear them, however slow its disk is at the start', () =>
    world.run(async () => {
      const process = world.process('m');
      process.disk.configure({ readMs: 400, writeMs: 400 });
      const monitor = await start();
      const openedAt = world.now;
      expect(openedAt, 'the start took longer than it listens').to.be.above(500);
      await ping('empty:1', 0, 'y');
      await world.runFor(400);
      await ping('empty:1', 0, 'y');
      expect(monitor.view.viewnum).to.equal(0);
      await monitor.close();
    }));

  it('says that its data is damaged, and waits for its servers', () =>
    world.run(async () => {
      const process = world.process('m');
      const monitor = await start({ newCluster: true });
      await ping('a:1', 0, 'x');
      await monitor.close();
      process.disk.flipBit({ directory: 'data' });
      const again = await start();
      expect(again.view.viewnum).to.equal(0);
      const reason = 'the checksum of monitor is wrong';
      expect(notices).to.deep.include({ kind: 'data-damaged', reason, movedTo: 'data.damaged-1' });
      const { view } = monitor;
      await listenAs(world, { server: 'a:1', incarnation: runName('x'), view, isOwnSecret: true });
      expect(await failureOf(ping('a:1', 1, 'x'))).to.match(/^RECOVERING /);
      await again.close();
    }));

  for (const failure of ['dies', 'cannot write']) {
    it(`with damaged data, if it ${failure} right after it set the data aside, begins no new cluster later`, () =>
      world.run(async () => {
        const process = world.process('m');
        const monitor = await start({ newCluster: true });
        await ping('a:1', 0, 'x');
        await monitor.close();
        process.disk.flipBit({ directory: 'data' });
        if (failure === 'dies') {
          process.disk.configure({ writeMs: 1e9 });
          void start();
          await world.runUntil(() => process.disk.open.length === 1 && process.disk.directories.length === 2, {
            what: 'a new directory beside the damaged one',
          });
          // Neither is what is under way kept.
          process.disk.configure({ writeMs: 0.2 });
          process.restart();
        } else {
          process.disk.failNextWrite();
          expect(await failureOf(start())).to.match(/^STORE_FAILED /);
          expect(process.leftovers).to.deep.equal({ timers: 0, calls: 0, listeners: [] });
          expect(process.disk.open, 'closed again').to.deep.equal([]);
        }
        process.disk.restore({
          directories: new Map(
            process.disk.directories.map((name) => [name, name === 'data' ? [] : process.disk.entries(name)]),
          ),
        });
        const again = await start();
        await world.runFor(2_000);
        expect(await failureOf(ping('stranger:1', 0, 'y'))).to.match(/^RECOVERING /);
        expect(again.view.viewnum).to.equal(0);
        await again.close();
      }));
  }

  it('with damaged data, begins no new cluster, not at its next start, and not if told that the cluster is new', () =>
    world.run(async () => {
      const process = world.process('m');
      const monitor = await start({ newCluster: true });
      await ping('a:1', 0, 'x');
      await monitor.close();
      process.disk.flipBit({ directory: 'data' });
      for (let starts = 0; starts < 2; starts++) {
        const again = await start({ newCluster: starts === 1 });
        await world.runFor(2_000);
        expect(await failureOf(ping('stranger:1', 0, 'y'))).to.match(
          /^RECOVERING .*waits for a report from its servers/,
        );
        expect(again.view.viewnum).to.equal(0);
        await again.close();
      }
    }));
});

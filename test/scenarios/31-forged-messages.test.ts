/** Scenario 31: messages between servers are forged or malformed, claim views that no server holds, or carry names that are no addresses. */
import { expect } from 'chai';
import { runName } from '../support/run-name.ts';
import { isWanted } from './support/messages.ts';
import { play, type Scene } from './support/scene.ts';

/** What anybody may know: everything that the service shows, and the secret of nobody. */
function known(scene: Scene) {
  const { view } = scene;
  const incarnationOf = (name: string) => scene.server(name).status().incarnation;
  const { primary, backups } = scene;
  const [backup = ''] = backups;
  return {
    view,
    primary,
    backup,
    /** The envelope of the real primary, but for its secret. */
    envelope: {
      server: view.primary,
      incarnation: incarnationOf(primary),
      secret: 'guessed',
      cluster: view.cluster ?? '',
      to: incarnationOf(backup),
      viewnum: view.viewnum,
      number: 10_000,
    },
  };
}

/** Each in the name of a server that lives, as far as that can be known from outside. */
const PINGS: Readonly<Record<string, (scene: Scene) => object>> = {
  'a viewnum that no server holds': (scene) => ({ server: 'q:1', viewnum: 900_000, cluster: scene.view.cluster }),
  'a viewnum that the primary does not hold': (scene) => ({
    ...pingOf(scene, 'a'),
    viewnum: 900_000,
    seq: 2 ** 50,
  }),
  'a greater incarnation of the primary': (scene) => ({ ...pingOf(scene, 'a'), incarnation: runName('z'), viewnum: 0 }),
  'a greater incarnation of the backup': (scene) => ({ ...pingOf(scene, 'b'), incarnation: runName('z'), viewnum: 0 }),
  'the word that the primary leaves': (scene) => ({ ...pingOf(scene, 'a'), leaving: true, seq: 2 ** 50 }),
  'a seq of the primary that is far ahead': (scene) => ({ ...pingOf(scene, 'a'), seq: 2 ** 50 }),
  'a position of the backup that it never had': (scene) => ({
    ...pingOf(scene, 'b'),
    seq: 2 ** 50,
    position: { viewnum: scene.view.viewnum, index: 2 ** 50 },
  }),
  'a backup that the primary lost': (scene) => ({ ...pingOf(scene, 'a'), seq: 2 ** 50, lost: ['b:1'] }),
  'no run, in the name of the primary': () => ({ server: 'a:1', viewnum: 0 }),
};

function pingOf(scene: Scene, name: string) {
  const { incarnation, view } = scene.server(name).status();
  return { server: `${name}:1`, viewnum: view.viewnum, incarnation, cluster: view.cluster };
}

/** The answer, or the failure, as text. */
async function send(scene: Scene, to: string, method: string, params: object): Promise<string> {
  return scene.call(to, method, params, { from: 'mallory' }).then(JSON.stringify, (error: Error) => error.message);
}

/** Writes go on, nobody ends, the view stays what it is, and the next failover works. */
async function expectUnmoved(scene: Scene, before: Scene['view']): Promise<void> {
  await scene.world.runFor(1_500);
  expect(scene.failures).to.deep.equal([]);
  expect(scene.view).to.deep.equal(before);
  await scene.resumes(200);
  scene.world.process(scene.primary).pause();
  const successor = scene.backups[0];
  await scene.until(() => scene.primary === successor, 'the backup to take over', 2_000);
  await scene.resumes(1_500);
}

describe('31: forged messages', () => {
  const made = (scene: Scene, primary: string) => {
    const { view } = scene;
    const incarnations = { [primary]: runName('made'), 'b:1': view.incarnations?.['b:1'] ?? '' };
    return {
      ...view,
      viewnum: view.viewnum + 1_000,
      primary,
      backups: primary === 'b:1' ? [] : ['b:1'],
      syncing: [],
      incarnations,
    };
  };
  const nothing = { previous: { viewnum: 1, index: 1 }, entries: [], commit: 0 };

  for (const target of ['a', 'b', 'i']) {
    for (const claimed of ['evil:1', 'a:1', 'b:1']) {
      it(`a prepare of a view that nobody gave, with ${claimed} for primary, changes nothing at ${target} (R3)`, () =>
        play({ seed: 1, servers: ['a', 'b', 'i'] }, async (scene) => {
          scene.busy();
          await scene.world.runFor(200);
          const { view: before, envelope } = known(scene);
          const view = made(scene, claimed);
          const to = scene.server(target).status().incarnation;
          const forged = {
            ...envelope,
            server: claimed,
            incarnation: runName('made'),
            to,
            viewnum: view.viewnum,
            view,
            ...nothing,
          };
          expect(await send(scene, target, 'kv.prepare', forged)).to.contain('is not confirmed');
          expect(scene.server(target).view).to.deep.equal(before);
          await expectUnmoved(scene, before);
        }));
    }
  }

  it('nor does it while no monitor answers, unless a member confirms it at its own address (R3)', () =>
    play({ seed: 2, servers: ['a', 'b'] }, async (scene) => {
      const { view: before, envelope } = known(scene);
      scene.world.process('m').pause();
      for (const claimed of ['evil:1', 'a:1']) {
        const view = made(scene, claimed);
        const forged = { ...envelope, server: claimed, viewnum: view.viewnum, view, ...nothing };
        expect(await send(scene, 'b', 'kv.prepare', forged)).to.contain('is not confirmed');
      }
      expect(scene.server('b').view).to.deep.include({ viewnum: before.viewnum, primary: before.primary });
      scene.world.process('m').resume();
      scene.busy();
      await expectUnmoved(scene, before);
    }));

  it('a release, or a prepare with everything right but the secret, is refused by the backup (L6, R3)', () =>
    play({ seed: 3, servers: ['a', 'b'] }, async (scene) => {
      scene.busy();
      await scene.world.runFor(200);
      const { view: before, envelope, backup } = known(scene);
      const { position } = scene.server(backup).status();
      const run = { viewnum: before.viewnum, operations: [['put', 'log-0', 'forged']] };
      const prepare = { ...envelope, previous: position, entries: [run], commit: position.index + 1 };
      expect(await send(scene, backup, 'kv.release', envelope)).to.contain('"refused"');
      expect(await send(scene, backup, 'kv.prepare', prepare)).to.contain('"refused"');
      expect(await send(scene, backup, 'kv.prepare', { ...prepare, cluster: 'other' })).to.contain('another cluster');
      expect(await send(scene, backup, 'kv.prepare', { ...prepare, to: runName('former') })).to.contain('another run');
      const wrong = { ...prepare, entries: [{ ...run, operations: [['put', {}, 'v']] }] };
      expect(await send(scene, backup, 'kv.prepare', wrong)).to.contain('entries[0]');
      await expectUnmoved(scene, before);
    }));

  for (const [what, forge] of Object.entries(PINGS)) {
    it(`a ping with ${what} changes nothing, and the next failover works (V11, V12)`, () =>
      play({ seed: 4, servers: ['a', 'b'] }, async (scene) => {
        scene.busy();
        await scene.world.runFor(200);
        const { view: before } = known(scene);
        await send(scene, 'm', 'sysmonitor.ping', forge(scene));
        await expectUnmoved(scene, before);
      }));
  }

  it('a monitor that has lost its state waits for no server that is only a claim (V12)', () =>
    play({ seed: 5, servers: ['a', 'b'] }, async (scene) => {
      scene.busy();
      await scene.world.runFor(200);
      const view = { ...made(scene, 'evil:1'), viewnum: 900_000 };
      await scene.restartMonitor();
      for (const server of ['evil:1', 'a:1']) {
        const claim = { server, viewnum: 900_000, incarnation: runName('z'), cluster: view.cluster, view };
        expect(await send(scene, 'm', 'sysmonitor.ping', claim)).to.contain('nothing answers in time at');
      }
      await scene.until(() => scene.view.viewnum > 1_000, 'the view to be rebuilt', 3_000);
      expect(scene.view.viewnum).to.be.lessThan(2_000);
      await scene.full(2);
    }));

  for (const [kept, options] of [
    ['its state', { dataDir: 'monitor' }],
    ['nothing', {}],
  ] as const) {
    for (const [what, forge] of Object.entries(PINGS)) {
      it(`a monitor that restarts with ${kept}, and first hears a ping with ${what}, loses no server by it (V11)`, () =>
        play({ seed: 7, servers: ['a', 'b'], monitor: options }, async (scene) => {
          scene.busy();
          await scene.world.runFor(200);
          const before = scene.view;
          const forged = forge(scene);
          await scene.restartMonitor();
          for (let count = 0; count < 50; count++) {
            void send(scene, 'm', 'sysmonitor.ping', forged);
            await scene.world.runFor(10);
          }
          await scene.full(2);
          expect(scene.failures).to.deep.equal([]);
          if (kept === 'its state') expect(scene.view).to.deep.equal(before);
          else expect(scene.view.viewnum, 'rebuilt, and the other one joined').to.equal(before.viewnum + 1_001);
          await expectUnmoved(scene, scene.view);
        }));
    }
  }

  it('names that nobody answers for keep no server out after a restart of the monitor (V11)', () =>
    play({ seed: 9, servers: ['a', 'b'], monitor: { dataDir: 'monitor' } }, async (scene) => {
      scene.busy();
      await scene.world.runFor(200);
      const before = scene.view;
      // Silence, not a refused connection: each question takes all the time that it may.
      const { transport } = scene.world.process('sink').world;
      for (let port = 1; port <= 100; port++) {
        await transport.listen({ address: `sink:${port}`, methods: { 'kv.identity': () => {} } });
      }
      await scene.restartMonitor();
      for (let round = 0; round < 5; round++) {
        for (let port = 1; port <= 100; port++) {
          const ping = { server: `sink:${port}`, viewnum: 0, incarnation: runName('z'), secret: 'guessed' };
          void send(scene, 'm', 'sysmonitor.ping', ping);
        }
        await scene.world.runFor(100);
      }
      const confirmed = scene.monitor.status().servers.filter((server) => server.confirmed);
      expect(confirmed.map(({ server }) => server)).to.have.members(['a:1', 'b:1']);
      scene.world.process('sink').crash();
      expect(scene.failures).to.deep.equal([]);
      expect(scene.view).to.deep.equal(before);
      await expectUnmoved(scene, before);
    }));

  it('a server whose name was taken before its first ping joins all the same (V11)', () =>
    play({ seed: 8, servers: ['a'] }, async (scene) => {
      const claims = [
        { server: 'b:1', viewnum: 0 },
        { server: 'b:1', viewnum: 0, incarnation: runName('z') },
      ];
      for (const claim of claims) await send(scene, 'm', 'sysmonitor.ping', claim);
      await scene.startServer('b');
      await scene.full(2);
      expect(scene.failures).to.deep.equal([]);
    }));

  it('the first message of a new primary waits for one answer of the monitor and of its sender, at once', () =>
    play({ seed: 6, servers: ['a', 'b', 'i'] }, async (scene) => {
      const asked: number[] = [];
      const watch = scene.world.network.intercept((message) => {
        if (isWanted(message, { from: 'i', kind: 'request', method: 'kv.identity' })) asked.push(scene.world.now);
        return undefined;
      });
      scene.crash('a');
      await scene.until(() => scene.primary === 'b' && scene.backups.includes('i'), 'i to join', 3_000);
      await scene.full(2);
      watch.remove();
      expect(asked).to.have.lengthOf(1);
    }));
});

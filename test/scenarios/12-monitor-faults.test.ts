/** Scenario 12: the monitor is killed, restarted without its state, or paused, at any time. */

import type { Message } from '@understudy/testkit';
import { expect } from 'chai';
import { atMessage } from './support/messages.ts';
import { play, type Scene, WITH_DISKS } from './support/scene.ts';

interface When {
  readonly name: string;
  readonly servers: readonly string[];
  /** Brings the moment about; `fault` is to be called at it. */
  readonly arrange: (scene: Scene, fault: () => void) => Promise<void>;
}

const isPing = (from: string, kind: Message['kind']) => (message: Message) =>
  message.method === 'sysmonitor.ping' &&
  message.kind === kind &&
  (kind === 'request' ? message.from === from : message.to === from);

const WHENS: readonly When[] = [
  { name: 'while all is quiet', servers: ['a', 'b'], arrange: async (_scene, fault) => fault() },
  {
    name: 'as a server joins, before it has heard its view',
    servers: ['a'],
    arrange: async (scene, fault) => {
      await scene.startServer('b');
      await atPing(scene, 'b', 'reply', fault, () => scene.view.backups.length > 0);
    },
  },
  {
    name: 'as a server joins, before the primary has heard its view',
    servers: ['a'],
    arrange: async (scene, fault) => {
      await scene.startServer('b');
      await atPing(scene, 'a', 'reply', fault, () => scene.view.syncing.length > 0);
    },
  },
  {
    name: 'as the primary is about to acknowledge',
    servers: ['a'],
    arrange: async (scene, fault) => {
      await scene.startServer('b');
      await atPing(scene, 'a', 'request', fault, () =>
        scene
          .server('a')
          .status()
          .backups.some(({ syncing }) => !syncing),
      );
    },
  },
  {
    name: 'while the primary hangs, before anybody was promoted',
    servers: ['a', 'b'],
    arrange: async (scene, fault) => {
      scene.world.process('a').pause();
      await scene.world.runFor(250);
      fault();
      scene.world.at(400, () => scene.world.process('a').resume());
    },
  },
  {
    name: 'as the next primary is promoted, before it has heard so',
    servers: ['a', 'b', 'c'],
    arrange: async (scene, fault) => {
      scene.world.process('a').pause();
      await atPing(scene, 'b', 'reply', fault, () => scene.primary === 'b');
      scene.world.at(300, () => scene.world.process('a').resume());
    },
  },
  {
    name: 'while the promoted primary waits for its promises to run out',
    servers: ['a', 'b', 'c'],
    arrange: async (scene, fault) => {
      scene.world.process('a').pause();
      await scene.until(() => scene.server('b').role === 'primary', 'b to hear of it', 2_000);
      fault();
      scene.world.at(300, () => scene.world.process('a').resume());
    },
  },
];

describe('12: faults of the monitor', () => {
  for (const { name, servers, arrange } of WHENS) {
    for (const seed of [1, 2]) {
      it(`killed ${name}, and started 2 s later without its state: no number twice, nobody promoted wrongly, nothing lost (seed ${seed})`, () =>
        play({ seed, servers }, async (scene) => {
          const { world } = scene;
          scene.busy();
          for (const server of ['a', 'b', 'c']) scene.probe({ key: 'log-0', server, everyMs: 50 });
          await world.runFor(150);
          await arrange(scene, () => world.process('m').crash());
          await world.runFor(2_000);
          await scene.restartMonitor();
          await scene.until(() => scene.view.viewnum > 1_000, 'the view to be rebuilt', 3_000);
          await scene.full(2);
          await scene.resumes(1_000);
        }));

      it(`restarted ${name} at once, without its state: the same (seed ${seed})`, () =>
        play({ seed, servers }, async (scene) => {
          scene.busy();
          await scene.world.runFor(150);
          await arrange(scene, () => void scene.restartMonitor());
          await scene.until(() => scene.view.viewnum > 1_000, 'the view to be rebuilt', 3_000);
          await scene.full(2);
          await scene.resumes(1_000);
        }));

      it(`killed ${name}, and started 300 ms later with its state: it goes on in the same view, and numbers leave none out (seed ${seed})`, () =>
        play({ seed, servers, ...WITH_DISKS }, async (scene) => {
          const { world } = scene;
          scene.busy();
          await world.runFor(150);
          await arrange(scene, () => world.process('m').crash());
          await world.runFor(300);
          await scene.restartMonitor();
          expect(scene.view.viewnum, 'the view that it goes on from').to.be.greaterThan(0);
          await scene.full(2);
          await scene.resumes(1_000);
          expect(scene.view.viewnum, 'views were not rebuilt').to.be.lessThan(1_000);
        }));

      it(`paused ${name}: nobody counts as silent for the monitor's own silence (V10, seed ${seed})`, () =>
        play({ seed, servers }, async (scene) => {
          const { world } = scene;
          scene.busy();
          await world.runFor(150);
          await arrange(scene, () => world.process('m').pause());
          await world.runFor(3_000);
          const resumedAt = world.now;
          world.process('m').resume();
          await scene.full(2);
          await scene.resumes(1_000);
          const silent = scene.chronicle
            .changesSince(resumedAt)
            .flatMap(({ causes }) => causes)
            .filter(({ kind }) => kind === 'primary-silent' || kind === 'backup-silent');
          expect(silent, 'who was counted out since').to.deep.equal([]);
        }));
    }
  }

  for (const fault of ['killed', 'paused'] as const) {
    it(`reads and writes go on while the monitor is ${fault}`, () =>
      play({ seed: 3, servers: ['a', 'b'] }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 5 });
        await world.runFor(200);
        const process = world.process('m');
        const from = world.now;
        if (fault === 'killed') process.crash();
        else process.pause();
        const probe = scene.probe({ key: 'log-0', server: 'a' });
        await world.runFor(3_000);
        expect(scene.ledger.longestGapMs(from, world.now), 'between two writes').to.be.lessThan(60);
        expect(probe.answered / probe.asked, 'reads answered').to.be.greaterThan(0.98);
        if (fault === 'killed') await scene.restartMonitor();
        else process.resume();
        await scene.full(2);
      }));
  }

  for (const seed of [1, 2, 3]) {
    it(`restarted without its state again and again, at random: numbers only grow (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b', 'c'] }, async (scene) => {
        const { world } = scene;
        scene.busy({ thinkMs: 25 });
        for (let count = 0; count < 5; count++) {
          await world.runFor(world.random.integer(10, 900));
          void scene.restartMonitor();
        }
        await scene.full(2);
        await scene.resumes(500);
      }));
  }
});

/** Calls `fault` as that ping, or its answer, leaves; what leaves then is lost. */
async function atPing(
  scene: Scene,
  server: string,
  kind: Message['kind'],
  fault: () => void,
  when: () => boolean,
): Promise<void> {
  const isMoment = isPing(server, kind);
  const moment = atMessage(
    scene.world,
    (message) => isMoment(message) && when(),
    () => {
      fault();
      return 'drop';
    },
  );
  await scene.until(() => moment.came, 'that moment', 3_000);
}

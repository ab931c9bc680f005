/** Scenario 20: a first ping is repeated because its answer was slow: no seat is lost. A lone primary that restarts blank never acts. */
import { expect } from 'chai';
import { isWanted } from './support/messages.ts';
import { play, type Scene } from './support/scene.ts';

/** Milliseconds for which every answer of the monitor to the server is held up. */
const SLOW = [90, 130, 250, 430];

/** Milliseconds after its ping at which the lone primary restarts: it is back before the next one is due. */
const OFFSETS = [3, 50, 96];

describe('20: first pings', () => {
  for (const server of ['a', 'b']) {
    for (const slowMs of SLOW) {
      it(`the answer to the first ping of the ${server === 'a' ? 'first server' : 'backup'} takes ${slowMs} ms: it keeps its seat (V2)`, () =>
        play({ seed: slowMs, servers: [] }, async (scene) => {
          const { world, chronicle } = scene;
          const slow = world.network.intercept((message) =>
            isWanted(message, { method: 'sysmonitor.ping', kind: 'reply', to: server })
              ? { delayMs: slowMs }
              : undefined,
          );
          await scene.startServer('a');
          if (server === 'b') {
            await scene.full(1);
            await scene.startServer('b');
            await scene.until(() => scene.members.includes('b'), 'b to join');
          }
          await world.runFor(2 * slowMs + 200);
          slow.remove();
          await scene.full(server === 'a' ? 1 : 2);
          expect(scene.view.viewnum, 'view changes but for the seats').to.equal(server === 'a' ? 1 : 2);
          expect(
            chronicle.monitorSaid.some((said) => said.kind === 'server' && said.condition === 'lost-data'),
          ).to.equal(false);
          await scene.append(scene.client('client'), 'log');
        }));
    }
  }

  for (const servers of [['a'], ['a', 'c']]) {
    for (const offsetMs of OFFSETS) {
      it(`a lone primary restarts blank inside view 1, ${offsetMs} ms after its ping${servers.length > 1 ? ', with an idle server beside it' : ''}: nobody acts (R8)`, () =>
        play({ seed: offsetMs, servers: ['a'], backups: 0 }, async (scene) => {
          const { world } = scene;
          if (servers.length > 1) await scene.startServer('c');
          const client = scene.client('client');
          await scene.append(client, 'log');
          await world.runFor(100 - (world.now % 100) + offsetMs);
          scene.restartBlank('a');
          const probes = servers.map((name) => scene.probe({ key: 'log', server: name, everyMs: 10 }));
          const write = client.put('more', 'v', { timeout: 2_500 }).catch((error: Error) => error);
          await world.runFor(3_000);
          for (const probe of probes) expect(probe.answered, 'answers of servers without the data').to.equal(0);
          expect(await write).to.be.instanceOf(Error);
          expectNobodyActs(scene);
          scene.standsStill();
        }));
    }
  }

  it('a primary restarts blank while its new backup is brought up to date: neither ever acts', () =>
    play({ seed: 1, servers: ['a'] }, async (scene) => {
      const { world } = scene;
      await scene.append(scene.client('client'), 'log');
      world.network.intercept((message) =>
        message.method === 'kv.prepare' && message.to === 'b' ? 'drop' : undefined,
      );
      await scene.startServer('b');
      await scene.until(() => scene.view.syncing.length > 0, 'b to join');
      scene.restartBlank('a');
      await world.runFor(3_000);
      expectNobodyActs(scene);
      scene.standsStill();
    }));
});

/** The view stands still, everybody alive is not ready, and the monitor says what it waits for. */
function expectNobodyActs(scene: Scene): void {
  expect(scene.view.primary).to.equal('a:1');
  for (const [name, server] of scene.servers) expect(server.status().ready, `${name} is ready`).to.equal(false);
  const { waiting, safe } = scene.monitor.status();
  expect(safe, 'who holds the data').to.deep.equal([]);
  expect(waiting).to.deep.equal({ kind: 'data', servers: [] });
}

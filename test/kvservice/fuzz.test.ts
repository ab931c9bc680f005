/**
 * Mutated copies of real traffic, sent to every method that servers and the monitor have for each other, and mutated answers from a
 * broken peer and a broken monitor: none of them ends a process, and none of them is applied.
 */
import { type Reply, UnderstudyError } from '@understudy/rpc';
import { NO_VIEW } from '@understudy/sysmonitor';
import type { Message } from '@understudy/testkit';
import { expect } from 'chai';
import { mutationsOf } from '../../packages/testkit/src/faults/mutation.ts';
import { play, type Scene } from '../scenarios/support/scene.ts';
import { runName } from '../support/run-name.ts';

/** A small log, and small chunks: a transfer has records of all kinds, and one that comes in pieces. */
const LIMITS = { retainedEntries: 5, chunkUnits: 600 };
const BETWEEN_SERVERS = ['kv.prepare', 'kv.chunk', 'kv.release', 'kv.position', 'sysmonitor.ping'];

/** One request of each shape: of two with the same shape, the second shows nothing new. */
class Shapes {
  readonly requests = new Map<string, Message>();
  readonly replies = new Map<string, Message>();

  note(message: Message): void {
    const key = `${message.method} ${shapeOf(JSON.parse(message.text))}`;
    const kept = message.kind === 'request' ? this.requests : this.replies;
    if (!kept.has(key)) kept.set(key, message);
  }

  of(method: string): readonly Message[] {
    return [...this.requests.values()].filter((message) => message.method === method);
  }
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].join()}]`;
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  const shown = Object.entries(value).map(([key, inner]) =>
    key === 'kind' || key === 'incarnations' ? `${key}=${JSON.stringify(inner)}` : `${key}:${shapeOf(inner)}`,
  );
  return `{${shown.join()}}`;
}

/** Every operation there is, a snapshot in chunks and in pieces, reads at a backup, and a primary that leaves. */
async function lively(scene: Scene): Promise<void> {
  const client = scene.client('lively');
  for (let count = 0; count < 30; count++) await client.put(`key${count}`, 'x'.repeat(40));
  await client.put('large', 'y'.repeat(2_000));
  await client.append('key1', 'more');
  await client.putHash('key2', 'hash');
  await client.cas('key3', 'not this', 'never');
  await client.cas('key3', 'x'.repeat(40), 'swapped');
  await client.delete('key4');
  await scene.startServer('n');
  await scene.full(2);
  await Promise.all([client.get('key1', { consistency: 'linearizable' }), client.put('last', 'one')]);
  await scene.call('n', 'kv.get', { key: 'key1', consistency: 'linearizable' });
  await scene.startServer('i');
  await scene.world.runFor(200);
  void scene.server('a').close();
  await scene.until(() => scene.primary === 'n', 'the successor', 3_000);
  scene.servers.delete('a');
  await scene.full(2);
}

describe('mutated real traffic', () => {
  it('ends no process, whichever method it is sent to, and changes nothing', async function () {
    this.timeout(120_000);
    await play({ seed: 1, servers: ['a'], server: { limits: LIMITS }, limitMs: 600_000 }, async (scene) => {
      const shapes = new Shapes();
      const watching = scene.world.network.intercept((message) => {
        shapes.note(message);
        return undefined;
      });
      await lively(scene);
      watching.remove();
      const before = scene.view;
      const state = () => scene.members.map((name) => [name, scene.server(name).status().commitIndex]);
      const held = state();
      let sent = 0;
      for (const method of BETWEEN_SERVERS) {
        expect(shapes.of(method), `real ${method}`).not.to.deep.equal([]);
        for (const { text } of shapes.of(method)) {
          for (const { path, message } of mutationsOf(JSON.parse(text))) {
            if (path === '') continue; // params that are no object come no further than the transport
            if (path === 'priority' && (message as { priority: unknown }).priority === -1) continue; // it may be below 0
            const targets = method === 'sysmonitor.ping' ? ['m'] : scene.members;
            for (const target of targets) {
              sent += 1;
              const answer = await scene.call(target, method, message as object).catch((error: Error) => error);
              if (method === 'kv.position') continue; // it says how far the log is, and changes nothing
              expect(answer, `${method} with another ${path}, ${JSON.stringify(message)}`).to.be.instanceOf(Error);
            }
          }
        }
      }
      expect(sent).to.be.greaterThan(2_000);
      expect(scene.failures).to.deep.equal([]);
      expect(scene.view).to.deep.equal(before);
      expect(state()).to.deep.equal(held);
      expect(scene.chronicle.notices('message-refused')).not.to.deep.equal([]);
    });
  });

  it('ends no primary when it comes as answers of a broken backup, and no write waits for that backup', async function () {
    this.timeout(60_000);
    await play({ seed: 2, servers: ['a'], server: { limits: LIMITS }, limitMs: 600_000 }, async (scene) => {
      const { world } = scene;
      const client = scene.client('c');
      for (let count = 0; count < 30; count++) await client.put(`key${count}`, 'x'.repeat(40));
      const wrong = wrongAnswers();
      const broken = world.process('e').world;
      let given = 0;
      /** Every other answer is a right one: who never answers rightly is soon removed. */
      const answerWith = (right: object) => (_params: object, reply: Reply) => {
        const answer = given % 2 === 0 ? wrong[given / 2] : undefined;
        given += 1;
        if (answer instanceof UnderstudyError) reply.failure(answer);
        else reply.result((answer ?? right) as object);
      };
      const nothing = { viewnum: 0, index: 0 };
      await broken.transport.listen({
        address: 'e:1',
        methods: {
          'kv.identity': (_params, reply) =>
            reply.result({ server: 'e:1', incarnation: runName('e'), view: NO_VIEW, isOwnSecret: true }),
          'kv.prepare': answerWith({ kind: 'mismatch', last: nothing, commit: nothing }),
          'kv.chunk': (params, reply) =>
            answerWith({ kind: 'taken', transfer: params.transfer, next: 0 })(params, reply),
        },
      });
      let seq = 0;
      const until = () => given >= 2 * wrong.length;
      for (let rounds = 0; rounds < 3_000 && !until(); rounds++) {
        const ping = { server: 'e:1', viewnum: 0, incarnation: runName('e'), secret: 's', seq: ++seq };
        await broken.transport.call('m:1', 'sysmonitor.ping', ping, { timeoutMs: 1_000 }).catch(() => {});
        await client.put('going on', String(rounds));
        await world.runFor(50);
      }
      expect(until(), `${given} of ${2 * wrong.length} answers were given`).to.equal(true);
      expect(scene.failures).to.deep.equal([]);
      expect(scene.server('a').status()).to.include({ role: 'primary', ready: true });
      expect(scene.chronicle.notices('message-refused')).not.to.deep.equal([]);
      world.process('e').crash();
    });
  });

  it('ends no server when a monitor names a run that is none, or that no run can follow (V11)', async function () {
    this.timeout(60_000);
    await play({ seed: 4, servers: ['a'], limitMs: 600_000 }, async (scene) => {
      const { world } = scene;
      const wrong = ['zzz', '', 'ffffffff-ffff-7fff-bfff-ffffffffffff', 7, null, undefined, {}, 'z'.repeat(500)];
      let given = 0;
      await world.process('x').world.transport.listen({
        address: 'x:1',
        methods: {
          'sysmonitor.ping': (_params, reply) => {
            const data = { server: 's:1', incarnation: wrong[given++ % wrong.length] };
            reply.failure(new UnderstudyError('CONFLICTING_SERVER', 'a newer process has the address', { data }));
          },
        },
      });
      const server = await scene.startServer('s', { monitors: 'x:1' });
      await world.runFor(100 * (wrong.length + 5));
      expect(given).to.be.greaterThan(wrong.length);
      expect(scene.failures).to.deep.equal([]);
      expect(server.status()).to.include({ role: 'idle' });
      const page = await world.network.page('s:1', '/metrics');
      const refused = /^understudy_messages_refused_total\{why="malformed"\} (\d+)$/m.exec(String(page?.body))?.[1];
      expect(Number(refused), 'answers refused').to.be.at.least(wrong.length);
      world.process('x').crash();
    });
  });

  it('ends no server when it comes as answers of a broken monitor, and gives it no seat', async function () {
    this.timeout(60_000);
    await play({ seed: 3, servers: ['a'], limitMs: 600_000 }, async (scene) => {
      const { world } = scene;
      const view = { viewnum: 5, primary: 's:1', backups: ['a:1'], syncing: [], cluster: 'x', incarnations: {} };
      const wrong = [...mutationsOf({ view })]
        .filter(({ path }) => path !== '')
        .map(({ message }) => message as object);
      let given = 0;
      await world.process('x').world.transport.listen({
        address: 'x:1',
        methods: { 'sysmonitor.ping': (_params, reply) => reply.result(wrong[given++ % wrong.length] as object) },
      });
      const server = await scene.startServer('s', { monitors: 'x:1' });
      await world.runFor(100 * (wrong.length + 5));
      expect(given).to.be.greaterThan(wrong.length);
      expect(scene.failures).to.deep.equal([]);
      expect(server.status()).to.deep.include({
        role: 'idle',
        view: { viewnum: 0, primary: '', backups: [], syncing: [] },
      });
      world.process('x').crash();
    });
  });
});

/** Of another type, or whole and yet no answer to what was asked. */
function wrongAnswers(): readonly unknown[] {
  const position = { viewnum: 1, index: 3 };
  const view = { viewnum: 900, primary: 'e:1', backups: ['a:1'], syncing: [], cluster: 'x' };
  const answers: readonly object[] = [
    { kind: 'accepted', verified: 3 },
    { kind: 'mismatch', last: position, commit: position },
    { kind: 'taken', transfer: 3, next: 1 },
    { kind: 'unwanted', transfer: 3 },
    { kind: 'refused', reason: 'none' },
  ];
  const whole = [
    { kind: 'accepted', verified: 2 ** 52 },
    { kind: 'mismatch', last: { viewnum: 9, index: 2 ** 52 }, commit: { viewnum: 9, index: 2 ** 52 } },
    { kind: 'taken', transfer: 1, next: 2 ** 52 },
    { kind: 'released' },
    { kind: 'position', commitIndex: 2 ** 52 },
    { commitIndex: 2 ** 52 },
  ];
  const stale = [...mutationsOf({ view })].map(
    ({ message }) => new UnderstudyError('STALE_VIEW', 'newer', { data: { ...(message as object) } }),
  );
  const mutated = answers.flatMap((answer) => [...mutationsOf(answer)].map(({ message }) => message));
  return [...mutated.filter((answer) => typeof answer === 'object' && answer !== null), ...whole, ...stale];
}

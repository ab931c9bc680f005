/** Scenario 5: a write is done and its reply lost, the primary dies, the client tries again: it gets the remembered result. */
import type { KVClient, Limits } from '@understudy/kvservice';
import type { Message } from '@understudy/testkit';
import { expect } from 'chai';
import { atMessage, carriesEntries, whenever } from './support/messages.ts';
import { play, type Scene } from './support/scene.ts';

/** Of one kind each: what is written, and what of its result shows whether it was done once. */
interface Write {
  readonly name: string;
  readonly method: string;
  readonly run: (client: KVClient) => Promise<unknown>;
  readonly result: (told: Readonly<Record<string, unknown>>) => unknown;
}

const WRITES: readonly Write[] = [
  {
    name: 'append',
    method: 'kv.append',
    run: (client) => client.append('k', 'x'),
    result: ({ revision }) => ({ revision }),
  },
  { name: 'put', method: 'kv.put', run: (client) => client.put('k', 'x'), result: ({ revision }) => ({ revision }) },
  { name: 'cas', method: 'kv.cas', run: (client) => client.cas('k', 'before', 'x'), result: ({ swapped }) => swapped },
  {
    name: 'putHash',
    method: 'kv.putHash',
    run: (client) => client.putHash('k', 'x'),
    result: ({ previous }) => previous,
  },
  { name: 'delete', method: 'kv.delete', run: (client) => client.delete('k'), result: ({ deleted }) => deleted },
];

/** The log forgets at once: whoever joins later gets a snapshot. */
const FORGETFUL: Partial<Limits> = { retainedEntries: 1, chunkUnits: 500 };

describe('5: a reply is lost, the primary dies, the client tries again', () => {
  for (const write of WRITES) {
    for (const seed of [1, 2]) {
      it(`${write.name}: the new primary answers from memory (seed ${seed})`, () =>
        play({ seed, servers: ['a', 'b'] }, async (scene) => {
          const client = await clientWithKey(scene);
          const answer = firstAnswer(scene, write);
          const lost = atMessage(scene.world, isReplyTo(write), () => {
            scene.crash('a');
            return 'drop';
          });
          await expectOnce(scene, write, await write.run(client), answer.result);
          expect(lost.came).to.equal(true);
          expect(duplicates(scene, 'b')).to.be.greaterThan(0);
        }));

      it(`${write.name}: the new primary answers from memory, which it got by a transfer (S4, seed ${seed})`, () =>
        play({ seed, servers: ['a'], server: { limits: FORGETFUL } }, async (scene) => {
          const client = await clientWithKey(scene, 60_000);
          const answer = firstAnswer(scene, write);
          whenever(scene.world, { kind: 'reply', from: 'a', method: write.method }, 'drop');
          const writing = write.run(client);
          await scene.until(() => answer.result !== undefined, 'the write to be done', 100);
          scene.world.network.calm();
          const other = scene.client('other');
          for (let count = 0; count < 10; count++) await scene.append(other, 'log');
          await scene.startServer('b');
          await scene.full(2);
          expect(scene.chronicle.notices('sync-started').map(({ by }) => by)).to.deep.equal(['snapshot']);
          scene.crash('a');
          await expectOnce(scene, write, await writing, answer.result);
          expect(duplicates(scene, 'b')).to.be.greaterThan(0);
        }));
    }
  }

  for (const seed of [1, 2, 3]) {
    it(`tried again at the same primary while the first try still waits there: done once (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b'] }, async (scene) => {
        const client = await clientWithKey(scene, 40);
        const held = scene.world.network.intercept((message) =>
          message.from === 'a' && carriesEntries(message) ? 'hold' : undefined,
        );
        const tries = countTries(scene);
        const writing = scene.append(client, 'log', 'twice');
        await scene.until(() => tries.count >= 2, 'two tries to wait', 400);
        held.remove();
        held.release();
        await writing;
        await scene.read(client, 'log');
      }));

    it(`tried again at the next primary while the first try still waits at the old one: done once (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b'] }, async (scene) => {
        const { world } = scene;
        const client = await clientWithKey(scene, 40);
        // The entry reaches the backup, and no word of that comes back: nothing is answered.
        whenever(world, { kind: 'reply', from: 'b', method: 'kv.prepare' }, 'drop');
        const writing = scene.append(client, 'log', 'twice');
        await world.runFor(20);
        world.network.cut('a', 'm');
        await writing;
        expect(scene.primary).to.equal('b');
        await scene.read(client, 'log');
        world.network.calm();
        await scene.full(2);
      }));
  }
});

async function clientWithKey(scene: Scene, tryTimeout = 500): Promise<KVClient> {
  const client = scene.client('client', { tryTimeout });
  await client.put('k', 'before');
  await scene.world.runFor(20);
  return client;
}

function isReplyTo({ method }: Write): (message: Message) => boolean {
  return (message) => message.kind === 'reply' && message.from === 'a' && message.method === method;
}

/** The result as the first server to execute the write had put it; it sees every reply before it is lost. */
function firstAnswer(scene: Scene, write: Write): { readonly result: unknown } {
  const answer: { result: unknown } = { result: undefined };
  scene.world.network.intercept((message) => {
    if (isReplyTo(write)(message)) answer.result ??= write.result(JSON.parse(message.text).result);
    return undefined;
  });
  return answer;
}

async function expectOnce(scene: Scene, { name }: Write, told: unknown, first: unknown): Promise<void> {
  expect(first, 'the reply that was lost').not.to.equal(undefined);
  expect(told, 'the remembered result').to.deep.equal(first);
  const value = await scene.client('judge').get('k');
  const values = { append: 'beforex', put: 'x', cas: 'x', putHash: value, delete: undefined };
  expect(value).to.equal(values[name as keyof typeof values]);
  if (name === 'putHash') expect(told).to.equal('before');
  if (name === 'delete' || name === 'cas') expect(told).to.equal(true);
}

function duplicates(scene: Scene, server: string): number {
  return scene.server(server).status().counters.duplicatesAnswered ?? 0;
}

function countTries(scene: Scene): { readonly count: number } {
  const tries = { count: 0 };
  scene.world.network.intercept(({ kind, method }) => {
    if (kind === 'request' && method === 'kv.append') tries.count += 1;
    return undefined;
  });
  return tries;
}

/** Scenario 3: the primary dies after each step of a write; the client that waits for it is answered by another, once. */
import type { KVClient } from '@understudy/kvservice';
import type { Message } from '@understudy/testkit';
import { expect } from 'chai';
import { atMessage, carriesEntries } from './support/messages.ts';
import { play, type Scene, WITH_DISKS } from './support/scene.ts';

interface Step {
  readonly name: string;
  /** The message at which the primary a dies. */
  readonly isLast: (message: Message, backups: number) => boolean;
  readonly count: (backups: number) => number;
  /** What becomes of that message. */
  readonly verdict: 'drop' | undefined;
}

const preparesOfA = (message: Message) => message.from === 'a' && carriesEntries(message);
const isAcknowledgement = ({ to, kind, method }: Message) => to === 'a' && kind === 'reply' && method === 'kv.prepare';
const isAnswer = ({ from, kind, method }: Message) =>
  from === 'a' && kind === 'reply' && method !== 'kv.prepare' && method.startsWith('kv.');

const STEPS: readonly Step[] = [
  { name: 'it has appended the entry, and sent it to nobody', isLast: preparesOfA, count: () => 1, verdict: 'drop' },
  { name: 'it has sent the entry to its first backup', isLast: preparesOfA, count: () => 1, verdict: undefined },
  {
    name: 'it has sent the entry to its last backup',
    isLast: preparesOfA,
    count: (backups) => backups,
    verdict: undefined,
  },
  { name: 'its first backup has acknowledged', isLast: isAcknowledgement, count: () => 1, verdict: undefined },
  {
    name: 'all its backups have acknowledged',
    isLast: isAcknowledgement,
    count: (backups) => backups,
    verdict: undefined,
  },
  { name: 'it has applied the entry, before its answer left', isLast: isAnswer, count: () => 1, verdict: 'drop' },
  { name: 'its answer left', isLast: isAnswer, count: () => 1, verdict: undefined },
];

const NAMES = ['a', 'b', 'c'];

describe('3: the primary dies in a write', () => {
  for (const backups of [1, 2]) {
    for (const { name, isLast, count, verdict } of STEPS) {
      for (const seed of [1, 2]) {
        it(`when ${name} (${backups} of ${backups} backups live on, seed ${seed})`, () =>
          play({ seed, servers: NAMES.slice(0, 1 + backups), backups }, async (scene) => {
            const client = await arrange(scene);
            await dieAt(scene, client, { name, isLast, count, verdict }, backups);
          }));

        it(`when ${name}, and comes back with its disk (${backups} of ${backups} backups live on, seed ${seed})`, () =>
          play({ seed, servers: NAMES.slice(0, 1 + backups), backups, ...WITH_DISKS }, async (scene) => {
            const client = await arrange(scene);
            await dieAt(scene, client, { name, isLast, count, verdict }, backups);
            await scene.startServer('a');
            await scene.full(1 + backups);
            scene.crash(scene.primary);
            await scene.append(client, 'log');
          }));
      }
    }
  }
});

/** The primary dies at that step, and everything is done by another, once. */
async function dieAt(scene: Scene, client: KVClient, step: Step, backups: number): Promise<void> {
  const { isLast, count, verdict } = step;
  // Quiet, so that no heartbeat's acknowledgement is taken for the entry's.
  const sent = { entry: false };
  scene.world.network.intercept((message) => {
    if (preparesOfA(message)) sent.entry = true;
    return undefined;
  });
  const isMoment = (message: Message) => sent.entry && isLast(message, backups);
  const death = atMessage(
    scene.world,
    isMoment,
    () => {
      scene.crash('a');
      return verdict;
    },
    count(backups),
  );
  const diedAt = scene.world.now;
  await writeEverything(scene, client);
  expect(death.came, 'the primary died at that step').to.equal(true);
  expect(scene.primary).not.to.equal('a');
  // Silence is noticed after 500 ms, at the next pings.
  expect(scene.ledger.longestGapMs(diedAt, scene.world.now)).to.be.lessThan(900);
}

/** Something is there already, and the session of the client is open. */
async function arrange(scene: Scene): Promise<KVClient> {
  const client = scene.client('writer');
  await scene.append(client, 'log');
  await client.put('swapped', 'old');
  await client.putHash('hash', 'first');
  await scene.world.runFor(20);
  return client;
}

/** One operation of each kind at once, and all results are those of having been executed exactly once. */
async function writeEverything(scene: Scene, client: KVClient): Promise<void> {
  const before = (await client.get('hash')) ?? '';
  const [, swapped, previous, deleted] = await Promise.all([
    scene.append(client, 'log'),
    client.cas('swapped', 'old', 'new'),
    client.putHash('hash', 'second'),
    client.delete('hash-never-there'),
    ...Array.from({ length: 5 }, () => scene.append(client, 'log')),
  ]);
  expect({ swapped, previous, deleted }).to.deep.equal({ swapped: true, previous: before, deleted: false });
  expect(await client.get('swapped')).to.equal('new');
  await scene.read(client, 'log');
}

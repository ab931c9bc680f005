/** Scenario 2: the primary's process is stopped longer than its lease with reads in its inbox, and goes on. */
import type { Clock, World } from '@understudy/rpc';
import type { Message } from '@understudy/testkit';
import { expect } from 'chai';
import { atMessage, carriesEntries } from './support/messages.ts';
import { play } from './support/scene.ts';

/** Milliseconds: within the lease, about as long, longer than the promise, just until it counts as silent, and long after. */
const STOPS = [90, 180, 205, 240, 270, 450, 520, 800, 2_500];

/** An answer to what it had just sent waits for it when it goes on: it must not count from then (L1). */
const MOMENTS: readonly (readonly [seed: number, name: string, isMoment: (message: Message) => boolean])[] = [
  [1, 'as it sends a prepare', (message) => message.from === 'a' && carriesEntries(message)],
  [2, 'as it answers a read', ({ from, method, kind }) => from === 'a' && method === 'kv.get' && kind === 'reply'],
  [
    3,
    'as it gets an answer from its backup',
    ({ to, method, kind }) => to === 'a' && method === 'kv.prepare' && kind === 'reply',
  ],
];

describe('2: a primary stopped by SIGSTOP, with reads waiting for it', () => {
  for (const stopMs of STOPS) {
    for (const [seed, when, isMoment] of MOMENTS) {
      it(`${when}, for ${stopMs} ms: gives no stale answer when it goes on, and joins as backup`, () =>
        play({ seed, servers: ['a', 'b'] }, async (scene) => {
          const { world } = scene;
          scene.busy({ thinkMs: 4 });
          await world.runFor(150);
          const probe = scene.probe({ key: 'log-0', server: 'a', from: 'near' });
          await world.runFor(50);
          const stop = atMessage(world, isMoment, () => {
            world.process('a').pause();
            return undefined;
          });
          await scene.until(() => stop.came, 'the moment to stop it', 1_000);
          await world.runFor(stopMs);
          const answered = probe.answered;
          world.process('a').resume();
          await world.runFor(300);
          if (stopMs >= 800) expect(probe.answered, 'answers of a deposed primary').to.equal(answered);
          await scene.full(2);
          if (stopMs >= 800) expect(scene.primary).to.equal('b');
          // What was stopped works again: alone, it still has everything.
          const [other] = scene.members.filter((name) => name !== 'a');
          if (other === undefined) return;
          scene.crash(other);
          await scene.until(() => scene.primary === 'a', 'a to be primary', 2_000);
          await scene.resumes(2_000);
        }));
    }
  }

  it('again and again, each time at another moment: never a stale answer', () =>
    play({ seed: 7, servers: ['a', 'b', 'c'] }, async (scene) => {
      const { world } = scene;
      scene.busy({ thinkMs: 4 });
      for (const server of ['a', 'b', 'c']) scene.probe({ key: 'log-0', server, everyMs: 15 });
      for (let count = 0; count < 8; count++) {
        await world.runFor(world.random.integer(200, 500));
        const process = world.process(scene.primary);
        process.pause();
        await world.runFor(world.random.integer(100, 900));
        process.resume();
        await scene.full(2);
      }
    }));

  it('in the middle of the very step that answers: the value that it had read is not told (L3)', () =>
    play({ seed: 1, servers: [] }, async (scene) => {
      const { world } = scene;
      const stops = { armed: false, times: 0 };
      await scene.startServer('a', { world: stoppedAfterReading(world.process('a').world, stops) });
      await scene.startServer('b');
      await scene.full(2);
      const client = scene.client('client');
      await scene.append(client, 'log');
      const counters = () => scene.server('a').status().counters;
      const { readsConfirmed = 0 } = counters();
      stops.armed = true;
      await scene.read(client, 'log');
      expect(stops.times, 'the process was stopped within the step').to.equal(1);
      expect(counters().readsConfirmed, 'the read was confirmed by the backup instead (L4)').to.equal(
        readsConfirmed + 1,
      );
    }));
});

/** A clock that leaps a second after it was read twice: once for the step, and then before the answer leaves. */
function stoppedAfterReading(world: World, stops: { armed: boolean; times: number }): World {
  let leaptMs = 0;
  let reads = 0;
  const { clock } = world;
  const leaping: Clock = {
    now: () => {
      if (stops.armed && ++reads === 2) {
        leaptMs = 1_000;
        stops.times += 1;
        stops.armed = false;
      }
      return clock.now() + leaptMs;
    },
    wallNow: () => clock.wallNow() + leaptMs,
    after: (delayMs, callback) => clock.after(delayMs, callback),
    endOfTurn: (callback) => clock.endOfTurn(callback),
  };
  return { ...world, clock: leaping };
}

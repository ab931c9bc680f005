/** Scenario 15: a client paused longer than its session lives, and duplicates that arrive long after: refused, never executed (S5, S7). */
import type { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { failureOf } from './support/failure.ts';
import { play, type Scene, type SceneOptions } from './support/scene.ts';

const HOUR_MS = 3_600_000;

/** A calm cluster, so that an hour is soon over. */
function calm(seed: number, servers: readonly string[]): SceneOptions {
  const pace = { pingInterval: 5_000 };
  return { seed, servers, monitor: pace, server: { ...pace, sessionTtl: 600_000 }, client: pace, limitMs: 3 * HOUR_MS };
}

interface Sent {
  readonly method: string;
  readonly params: object;
}

describe('15: late duplicates', () => {
  for (const after of ['at the same primary', 'after a failover'] as const) {
    it(`a duplicate that arrives an hour later, ${after}, is refused`, () =>
      play(calm(1, ['a', 'b']), async (scene) => {
        const { world } = scene;
        const sent = record(scene);
        const client = scene.client('client');
        await scene.append(client, 'log');
        const last = sent.at(-1);
        expect(last?.method).to.equal('kv.append');
        if (after === 'after a failover') scene.crash('a');
        await world.runFor(HOUR_MS);
        const failure = await refusal(scene, last as Sent);
        expect({ name: failure.name, definite: failure.definite }).to.deep.equal({
          name: 'SESSION_UNKNOWN',
          definite: true,
        });
        expect(await scene.read(client, 'log')).to.have.lengthOf('t-1.'.length);
        expect(scene.server(scene.primary).status().sessions, 'sessions that are left').to.equal(0);
        if (after === 'at the same primary') expect(scene.server('b').status().sessions, 'on the backup').to.equal(0);
      })).timeout(60_000);
  }

  it('a duplicate that arrives an hour later at a primary that may not serve yet is refused as well', () =>
    play(calm(5, ['a', 'b']), async (scene) => {
      const { world } = scene;
      const sent = record(scene);
      const client = scene.client('client');
      await scene.append(client, 'log');
      const last = sent.at(-1) as Sent;
      await world.runFor(HOUR_MS);
      // Back without its data, so that the next primary is promoted while its promise still stands.
      scene.restartBlank('a');
      await scene.until(() => scene.server('b').role === 'primary', 'b to be promoted', 20_000);
      expect(scene.server('b').status().ready, 'whether it serves').to.equal(false);
      const late = scene.call('b', last.method, last.params, { from: 'late', timeoutMs: 60_000 });
      expect((await failureOf(late)).name).to.equal('SESSION_UNKNOWN');
      expect(await scene.read(client, 'log')).to.have.lengthOf('t-1.'.length);
    })).timeout(60_000);

  it('a duplicate within the life of the session is answered from memory, or told that its result is gone', () =>
    play(calm(2, ['a', 'b']), async (scene) => {
      const { world } = scene;
      const sent = record(scene);
      const client = scene.client('client');
      const first = await client.putHash('hash', 'x');
      const duplicate = sent.at(-1) as Sent;
      expect(await scene.call(scene.primary, duplicate.method, duplicate.params)).to.include({ previous: first });
      const acked = await client.putHash('hash', 'y');
      await client.putHash('hash', 'z');
      expect((await refusal(scene, duplicate)).name).to.equal('RESULT_DROPPED');
      await world.runFor(60_000);
      expect((await refusal(scene, duplicate)).name).to.equal('RESULT_DROPPED');
      expect(acked).not.to.equal(first);
    }));

  for (const way of [
    'at the same primary',
    'at a backup that had it from the log',
    'at one that had a snapshot',
  ] as const) {
    it(`another operation with the seq of one that was done is refused, and not done: ${way} (S3)`, () =>
      play(calm(6, ['a', 'b']), async (scene) => {
        const sent = record(scene);
        const client = scene.client('client');
        if (way === 'at one that had a snapshot') scene.crash('b');
        await client.append('log', 'once.');
        const done = sent.at(-1) as Sent;
        if (way === 'at one that had a snapshot') {
          scene.restartBlank('b');
          await scene.full(2, 60_000);
        }
        const isServing = () => scene.server('b').role === 'primary' && scene.server('b').status().ready;
        if (way !== 'at the same primary') {
          scene.crash('a');
          await scene.until(isServing, 'b to serve', 60_000);
        }
        const other = { ...done, params: { ...done.params, value: 'another.' } };
        const failure = await refusal(scene, other);
        expect([failure.name, failure.definite, failure.data.field]).to.deep.equal(['INVALID_PARAMS', true, 'seq']);
        expect(await scene.call(scene.primary, done.method, done.params, { from: 'late' })).to.have.property(
          'revision',
        );
        expect(await client.get('log')).to.equal('once.');
      })).timeout(60_000);
  }

  for (const [what, isDone] of [
    ['never arrived', false],
    ['was done, its reply lost', true],
  ] as const) {
    it(`a client stopped for an hour in an operation that ${what} is told that the outcome is unknown, and goes on in a new session`, () =>
      play(calm(3, ['a', 'b']), async (scene) => {
        const { world } = scene;
        const client = scene.client('client');
        await scene.append(client, 'log');
        world.network.intercept(({ kind, method, from, to }) => {
          const isIts = method === 'kv.append' && (from === 'client' || to === 'client');
          return isIts && kind === (isDone ? 'reply' : 'request') ? 'drop' : undefined;
        });
        const outcome = failureOf(client.append('other', 'once.'));
        await world.runFor(1_000);
        world.process('client').pause();
        world.network.calm();
        await world.runFor(HOUR_MS);
        world.process('client').resume();
        const failure = await outcome;
        expect({ name: failure.name, definite: failure.definite }).to.deep.equal({
          name: 'OUTCOME_UNKNOWN',
          definite: false,
        });
        const value = (await client.get('other')) ?? '';
        expect(value.split('once.').length - 1, 'times that it was done').to.equal(isDone ? 1 : 0);
        await client.append('other', 'again.');
        expect(await client.get('other')).to.equal(`${value}again.`);
      })).timeout(60_000);
  }

  it('the session of a client that is heard of now and then lives on', () =>
    play(calm(4, ['a', 'b']), async (scene) => {
      const client = scene.client('client');
      await scene.append(client, 'log');
      const sessions = () => scene.server('a').status().sessions;
      for (let count = 0; count < 6; count++) {
        await scene.world.runFor(500_000);
        await scene.append(client, 'log');
        expect(sessions()).to.equal(1);
      }
    }));
});

/** Every operation that leaves a client, as it went over the wire. */
function record(scene: Scene): Sent[] {
  const sent: Sent[] = [];
  scene.world.network.intercept(({ kind, from, method, text }) => {
    if (kind === 'request' && from === 'client' && method.startsWith('kv.'))
      sent.push({ method, params: JSON.parse(text) });
    return undefined;
  });
  return sent;
}

function refusal(scene: Scene, { method, params }: Sent): Promise<UnderstudyError> {
  return failureOf(scene.call(scene.primary, method, params, { from: 'late' }));
}

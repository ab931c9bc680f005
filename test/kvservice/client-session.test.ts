import { expect } from 'chai';
import { type Asked, failureOf, type ScriptedCluster, withCluster } from './client-cluster.ts';

/** The numbers of the requests, in order of arrival. */
function numbers(cluster: ScriptedCluster): readonly string[] {
  return cluster.of('kv.put').map(({ params }) => `${params['session']} ${params['seq']} ${params['acked']}`);
}

const isPut = ({ method }: Asked) => method === 'kv.put';

describe('client: sessions', () => {
  it('are opened at the first write, not by reads (S1)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.get('k');
      expect(cluster.of('kv.openSession')).to.have.length(0);
      await kv.put('k', 'v');
      await kv.delete('k');
      const [opening, ...more] = cluster.of('kv.openSession');
      expect(more).to.have.length(0);
      expect(opening?.params['client']).to.match(/^[0-9a-f]{16}$/);
      expect(cluster.noticed('session')).to.deep.equal([{ kind: 'session', session: 'session-1' }]);
      await kv.close();
    }));

  it('number every write, and tell up to where all results are here (S2)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      for (let i = 0; i < 3; i++) await kv.put('k', 'v');
      cluster.script = ({ params }) => (params['value'] === 'slow' ? { fail: 'NOT_READY' } : undefined);
      const slow = kv.put('k', 'slow');
      await cluster.world.runFor(5);
      await kv.put('k', 'v');
      await kv.put('k', 'v');
      cluster.script = () => undefined;
      await slow;
      await kv.put('k', 'v');
      const told = numbers(cluster);
      expect(told.filter((number) => number !== 'session-1 4 3')).to.deep.equal(
        [
          'session-1 1 0',
          'session-1 2 1',
          'session-1 3 2',
          'session-1 5 3',
          'session-1 6 3',
          'session-1 4 3',
          'session-1 7 6',
        ].filter((number) => number !== 'session-1 4 3'),
      );
      await kv.close();
    }));

  it('all tries of an operation bear one number, and it takes effect once (S3)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client({ pingInterval: 10 });
      await kv.put('k', '0');
      const instead = [
        { fail: 'NOT_READY' },
        { hang: true },
        { fail: 'OUTCOME_UNKNOWN' },
        { fail: 'OVERLOADED', data: { retryAfterMs: 5 } },
        { hang: true, after: 0 },
        { fail: 'OUTCOME_UNKNOWN', after: 0 },
      ] as const;
      let tries = 0;
      cluster.script = (asked) => (isPut(asked) ? instead[tries++] : undefined);
      expect(await kv.put('k', '1')).to.deep.equal({ revision: 2 });
      expect(new Set(numbers(cluster).slice(1))).to.deep.equal(new Set(['session-1 2 1']));
      expect(numbers(cluster)).to.have.length(8);
      expect(cluster.model.effects).to.have.length(2);
      await kv.close();
    }));

  it('the reply is lost, the primary dies: the next one answers from memory (S3, S4)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.append('k', 'a');
      cluster.script = ({ server }) => (server === 'a:1' ? { crash: true, after: 0 } : undefined);
      cluster.world.at(200, () => cluster.promote('b:1'));
      await kv.append('k', 'b');
      expect(await kv.get('k')).to.equal('ab');
      expect(cluster.of('kv.append').map(({ server, params }) => [server, params['seq']])).to.deep.equal([
        ['a:1', 1],
        ['a:1', 2],
        ['b:1', 2],
      ]);
      await kv.close();
    }));

  it('opening is tried until it is done; a session opened by a lost reply is left to expire', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const instead = [{ fail: 'NOT_READY' }, { hang: true, after: 0 }, { fail: 'OUTCOME_UNKNOWN' }] as const;
      cluster.script = ({ method }, count) => (method === 'kv.openSession' ? instead[count - 1] : undefined);
      await Promise.all([kv.put('k', '1'), kv.put('k', '2')]);
      expect(cluster.of('kv.openSession')).to.have.length(4);
      expect(cluster.model.sessions.size).to.equal(2);
      expect(new Set(cluster.of('kv.put').map(({ params }) => params['session']))).to.deep.equal(
        new Set(['session-2']),
      );
      await kv.close();
    }));

  it('opening that is refused for good fails those who wait for it, definitely', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = ({ method }) => (method === 'kv.openSession' ? { fail: 'INTERNAL_ERROR' } : undefined);
      for (const failure of await Promise.all([failureOf(kv.put('k', '1')), failureOf(kv.delete('k'))])) {
        expect([failure.name, failure.definite]).to.deep.equal(['INTERNAL_ERROR', true]);
      }
      cluster.script = () => undefined;
      await kv.put('k', '2');
      await kv.close();
    }));

  it('opening ends when nobody waits for it any more, and starts anew for the next', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = ({ method }) => (method === 'kv.openSession' ? { fail: 'NOT_READY' } : undefined);
      const failures = await Promise.all([
        failureOf(kv.put('k', '1', { timeout: 300 })),
        failureOf(kv.put('k', '2', { timeout: 450 })),
      ]);
      expect(failures.map(({ name, definite }) => [name, definite])).to.deep.equal(Array(2).fill(['TIMEOUT', true]));
      const tries = cluster.asked.length;
      const questions = cluster.questions.length;
      await cluster.world.runFor(10_000);
      expect([cluster.asked.length, cluster.questions.length]).to.deep.equal([tries, questions]);
      cluster.expectNothingLeft();
      cluster.script = () => undefined;
      await kv.put('k', '3');
      await kv.close();
    }));

  it('one that expired is replaced without a word, once for all, under new numbers (S5)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.model.sessions.clear();
      const before = cluster.world.now;
      await Promise.all(Array.from({ length: 100 }, () => kv.append('k', 'x')));
      expect(cluster.world.now - before).to.be.below(10);
      expect(cluster.of('kv.openSession')).to.have.length(2);
      expect(cluster.questions).to.have.length(1);
      expect(await kv.get('k')).to.equal(`1${'x'.repeat(100)}`);
      await kv.close();
    }));

  it('one that ended with tries that may have arrived leaves their operations unknown, never sent again (S7)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.script = ({ params }) => {
        if (params['value'] !== 'lost' || !cluster.model.sessions.has('session-1')) return undefined;
        cluster.model.sessions.clear();
        return { fail: 'OUTCOME_UNKNOWN' };
      };
      const failure = await failureOf(kv.put('k', 'lost'));
      expect([failure.name, failure.definite]).to.deep.equal(['OUTCOME_UNKNOWN', false]);
      await kv.put('k', 'next');
      expect(numbers(cluster)).to.deep.equal(['session-1 1 0', 'session-1 2 1', 'session-1 2 1', 'session-2 1 0']);
      await kv.close();
    }));

  it('those who wait for room in a lost session get their place in the next', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client({ maxInFlight: 32_768 });
      await kv.put('k', '1');
      cluster.script = (asked) => (isPut(asked) ? { hang: true } : undefined);
      const full = Array.from({ length: 16_384 }, () => failureOf(kv.put('k', 'x')));
      const waiting = kv.put('k', 'waits');
      await cluster.world.runFor(10);
      cluster.script = () => undefined;
      cluster.model.sessions.clear();
      await cluster.world.runFor(1_500);
      await waiting;
      expect(cluster.model.effects.at(-1)).to.include({ value: 'waits', session: 'session-2' });
      for (const failure of await Promise.all(full)) expect(failure.name).to.equal('OUTCOME_UNKNOWN');
      await kv.close();
    }));

  it('a server that knows no session at all is not stormed', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = (asked) => (isPut(asked) ? { fail: 'SESSION_UNKNOWN' } : undefined);
      const failure = await failureOf(kv.put('k', 'v', { timeout: 1_000 }));
      expect([failure.name, failure.definite]).to.deep.equal(['TIMEOUT', true]);
      expect(cluster.of('kv.put').length).to.be.within(7, 22);
      await kv.close();
    }));

  it('a result that is gone fails the operation, not definitely (S3)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = (asked) => (isPut(asked) ? { fail: 'RESULT_DROPPED' } : undefined);
      const failure = await failureOf(kv.put('k', 'v'));
      expect([failure.name, failure.definite]).to.deep.equal(['RESULT_DROPPED', false]);
      await kv.close();
    }));

  describe('the window', () => {
    it('lets 16,384 out at once; the rest wait in order, and nobody passes them', () =>
      withCluster(async (cluster) => {
        const kv = cluster.client({ maxInFlight: 32_768 });
        await kv.put('k', '0');
        const first = cluster.world.network.intercept(({ kind }) => (kind === 'reply' ? 'hold' : undefined));
        const puts = Array.from({ length: 16_384 + 50 }, (_, i) => kv.put('k', String(i)));
        await cluster.world.runFor(10);
        expect(cluster.of('kv.put')).to.have.length(1 + 16_384);
        const late = kv.put('k', 'late');
        first.remove();
        first.release();
        await Promise.all([...puts, late]);
        const sent = cluster.of('kv.put').slice(1);
        expect(sent.map(({ params }) => params['value'])).to.deep.equal([...puts.map((_, i) => String(i)), 'late']);
        expect(sent.map(({ params }) => params['seq'])).to.deep.equal(sent.map((_, i) => i + 2));
        for (const { params } of sent) expect(Number(params['seq']) - Number(params['acked'])).to.be.at.most(16_384);
        await kv.close();
      }));

    it('one slow operation at its start holds up only those beyond the window', () =>
      withCluster(async (cluster) => {
        const kv = cluster.client({ maxInFlight: 32_768 });
        await kv.put('k', '0');
        cluster.script = ({ params }) => (params['value'] === 'slow' ? { fail: 'NOT_READY' } : undefined);
        const slow = kv.put('k', 'slow');
        let done = 0;
        const puts = Array.from({ length: 20_000 }, () => kv.put('k', 'x').then(() => done++));
        await cluster.world.runFor(400);
        expect(done).to.equal(16_383);
        expect(await kv.get('k')).to.equal('x');
        cluster.script = () => undefined;
        await Promise.all([slow, ...puts]);
        expect(done).to.equal(20_000);
        await kv.close();
      }));

    it('who gives up while he waits for room leaves it to the next, and was never sent', () =>
      withCluster(async (cluster) => {
        const kv = cluster.client({ maxInFlight: 32_768 });
        await kv.put('k', '0');
        const replies = cluster.world.network.intercept(({ kind }) => (kind === 'reply' ? 'hold' : undefined));
        const puts = Array.from({ length: 16_384 }, () => kv.put('k', 'x'));
        const abort = new AbortController();
        const aborted = failureOf(kv.put('k', 'aborted', { signal: abort.signal }));
        const late = failureOf(kv.put('k', 'late', { timeout: 20 }));
        const last = kv.put('k', 'last');
        await cluster.world.runFor(10);
        abort.abort();
        await cluster.world.runFor(20);
        replies.remove();
        replies.release();
        await Promise.all([...puts, last]);
        expect([await aborted, await late].map(({ name, definite }) => [name, definite])).to.deep.equal([
          ['ABORTED', true],
          ['TIMEOUT', true],
        ]);
        expect(cluster.of('kv.put').map(({ params }) => params['value'])).not.to.include.members(['aborted']);
        expect(cluster.of('kv.put').at(-1)?.params).to.include({ value: 'last', seq: 16_386 });
        await kv.close();
      }));

    it('moves past the numbers of those who gave up', () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await kv.put('k', '0');
        cluster.script = () => ({ hang: true });
        await failureOf(kv.put('k', 'x', { timeout: 30 }));
        cluster.script = () => undefined;
        await kv.put('k', '1');
        expect(numbers(cluster).at(-1)).to.equal('session-1 3 2');
        await kv.close();
      }));
  });

  describe('are closed by their client (S5)', () => {
    const closings = (cluster: ScriptedCluster) =>
      cluster.of('kv.closeSession').map(({ server, params }) => [server, params['session']]);

    it('when it closes, and only where one was opened', () =>
      withCluster(async (cluster) => {
        const reader = cluster.client();
        await reader.get('k');
        await reader.close();
        expect(closings(cluster)).to.deep.equal([]);
        const kv = cluster.client();
        await kv.put('k', 'v');
        await kv.close();
        expect(closings(cluster)).to.deep.equal([['a:1', 'session-1']]);
        expect(cluster.model.sessions.size).to.equal(0);
        cluster.expectNothingLeft();
      }));

    it('with operations under way, which end at once, unknown, and are not done afterwards (S7)', () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await kv.put('k', 'v');
        const late = cluster.world.network.intercept(({ method }) => (method === 'kv.append' ? 'hold' : undefined));
        const failed = failureOf(kv.append('k', 'late'));
        await cluster.world.runFor(5);
        const before = cluster.world.now;
        const closing = kv.close();
        const { name, definite } = await failed;
        expect([name, definite, cluster.world.now]).to.deep.equal(['CLOSED', false, before]);
        await closing;
        late.remove();
        late.release();
        await cluster.world.runFor(100);
        expect(cluster.of('kv.append')).to.have.length(1);
        expect(cluster.model.values.get('k')?.value).to.equal('v');
        cluster.expectNothingLeft();
      }));

    it('at the primary of the view that an earlier one tells', () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await kv.put('k', 'v');
        cluster.promote('b:1');
        await kv.close();
        expect(closings(cluster)).to.deep.equal([
          ['a:1', 'session-1'],
          ['b:1', 'session-1'],
        ]);
        expect(cluster.model.sessions.size).to.equal(0);
      }));

    const SILENT: Readonly<Record<string, (cluster: ScriptedCluster) => void>> = {
      'a primary that is dead': (cluster) => cluster.crash('a:1'),
      'a primary that hangs': (cluster) => {
        cluster.script = () => ({ hang: true });
      },
      'a server that is too old to know how': (cluster) => {
        cluster.script = () => ({ fail: 'METHOD_NOT_FOUND' });
      },
      'a server that names itself for ever': (cluster) => {
        cluster.script = () => ({ fail: 'NOT_PRIMARY', data: { view: cluster.view } });
      },
    };
    for (const [what, strike] of Object.entries(SILENT)) {
      it(`if they can be: ${what} holds nobody up for long`, () =>
        withCluster(async (cluster) => {
          const kv = cluster.client();
          await kv.put('k', 'v');
          strike(cluster);
          const before = cluster.world.now;
          await kv.close();
          expect(cluster.world.now - before).to.be.at.most(151);
          cluster.expectNothingLeft();
        }));
    }
  });

  it('the first operations leave together too, as soon as view and session are there (C3)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await Promise.all(Array.from({ length: 100 }, (_, i) => kv.put('k', String(i))));
      expect(new Set(cluster.of('kv.put').map(({ at }) => at)).size).to.equal(1);
      expect(cluster.of('kv.put').map(({ params }) => params['value'])).to.deep.equal(
        Array.from({ length: 100 }, (_, i) => String(i)),
      );
      await kv.close();
    }));
});

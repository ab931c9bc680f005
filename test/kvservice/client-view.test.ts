import { UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { failureOf, withCluster } from './client-cluster.ts';

const gone = new UnderstudyError('RECOVERING', 'waiting');

describe('client: the view', () => {
  it('is asked for once, at the first operation, and never on a timer (C1)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await cluster.world.runFor(10_000);
      expect(cluster.questions).to.have.length(0);
      for (let i = 0; i < 50; i++) await kv.put(`k${i}`, 'v');
      await Promise.all(Array.from({ length: 50 }, (_, i) => kv.get(`k${i}`)));
      await cluster.world.runFor(60_000);
      expect(cluster.questions).to.have.length(1);
      await kv.close();
    }));

  it('is asked for once by all operations that start together (C2)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? kv.put('k', 'v') : kv.get('k'))));
      expect(cluster.questions).to.have.length(1);
      expect(cluster.of('kv.openSession')).to.have.length(1);
      await kv.close();
    }));

  it('comes with NOT_PRIMARY, when that brings a newer one: no monitor is asked, and nothing waited for', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.promote('b:1', ['c:1']);
      const before = cluster.world.now;
      await kv.put('k', '2');
      expect(cluster.world.now - before).to.be.below(5);
      expect(cluster.questions).to.have.length(1);
      expect(kv.view).to.deep.equal(cluster.view);
      expect(cluster.of('kv.put').map(({ server }) => server)).to.deep.equal(['a:1', 'a:1', 'b:1']);
      await kv.close();
    }));

  it('is asked for at once when the connection is lost, and the operation goes on as soon as a newer one is known', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.script = ({ server }) => (server === 'a:1' ? { crash: true } : undefined);
      cluster.promote('b:1');
      const before = cluster.world.now;
      await kv.put('k', '2');
      expect(cluster.world.now - before).to.be.below(5);
      expect(cluster.questions).to.have.length(2);
      await kv.close();
    }));

  it('is asked for once for all operations whose tries fail, and all go on together (C2)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.crash('a:1');
      cluster.world.at(330, () => cluster.promote('b:1'));
      const puts = Array.from({ length: 200 }, (_, i) => kv.put(`k${i}`, 'v'));
      await Promise.all(puts);
      const [, ...asked] = cluster.questions;
      expect(asked.length).to.be.within(4, 8);
      for (let i = 1; i < asked.length; i++)
        expect((asked[i] as number) - (asked[i - 1] as number)).to.be.within(50, 102);
      expect(
        new Set(
          cluster
            .of('kv.put')
            .slice(1)
            .map(({ at }) => at),
        ).size,
      ).to.equal(1);
      expect(cluster.model.effects).to.have.length(201);
      await kv.close();
    }));

  for (const reason of [
    'NOT_READY',
    'NOT_PRIMARY',
    'STALE_VIEW',
    'RECOVERING',
    'CONFLICTING_SERVER',
    'OUTCOME_UNKNOWN',
  ] as const) {
    it(`${reason} without a newer view: the next try waits a ping interval, with jitter (C2)`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client({ pingInterval: 40 });
        await kv.put('k', '1');
        cluster.script = (_, count) => (count < 22 ? { fail: reason } : undefined);
        await kv.put('k', '2');
        const tries = cluster.of('kv.put').slice(1);
        const waits = tries.slice(1).map(({ at }, i) => at - (tries[i]?.at ?? 0));
        expect(waits).to.have.length(20);
        for (const wait of waits) expect(wait).to.be.within(20, 42);
        expect(Math.max(...waits) - Math.min(...waits)).to.be.above(8);
        expect(cluster.questions).to.have.length(21);
        expect(cluster.noticed('retry').map((notice) => notice.reason)).to.deep.equal(Array(20).fill(reason));
        await kv.close();
      }));
  }

  it('OVERLOADED: waits as long as the server said, and asks nobody', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.script = (_, count) => (count < 12 ? { fail: 'OVERLOADED', data: { retryAfterMs: 30 } } : undefined);
      await kv.put('k', '2');
      const tries = cluster.of('kv.put').slice(1);
      const waits = tries.slice(1).map(({ at }, i) => at - (tries[i]?.at ?? 0));
      for (const wait of waits) expect(wait).to.be.within(30, 47);
      expect(Math.max(...waits) - Math.min(...waits)).to.be.above(5);
      expect(cluster.questions).to.have.length(1);
      await kv.close();
    }));

  it('a try without an answer ends after five ping intervals; before the next one hangs, the monitor is heard again', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.script = ({ server }) => (server === 'a:1' ? { hang: true } : undefined);
      cluster.world.at(520, () => cluster.promote('b:1'));
      const before = cluster.world.now;
      await kv.put('k', '2');
      expect(cluster.world.now - before).to.be.within(550, 610);
      expect(cluster.of('kv.put').map(({ server }) => server)).to.deep.equal(['a:1', 'a:1', 'b:1']);
      expect(cluster.questions).to.have.length(3);
      await kv.close();
    }));

  it('tryTimeout: sets how long a try waits', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client({ tryTimeout: 50 });
      cluster.script = (_, count) => (count === 1 ? { hang: true } : undefined);
      await kv.get('k');
      const [first, second] = cluster.of('kv.get');
      expect((second?.at ?? 0) - (first?.at ?? 0)).to.be.within(100, 155);
      await kv.close();
    }));

  it('while the monitor answers nothing, the last known primary is tried on: reads and writes go on', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.monitor = () => 'hang';
      cluster.script = (_, count) => (count === 2 ? { fail: 'NOT_READY' } : undefined);
      const before = cluster.world.now;
      await kv.put('k', '2');
      expect(cluster.world.now - before).to.be.within(50, 102);
      await kv.get('k');
      expect(await kv.get('k')).to.equal('2');
      await kv.close();
      cluster.expectNothingLeft();
    }));

  it('while the monitor is gone, the last known primary is tried on', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.crash('m:1');
      cluster.script = (_, count) => (count < 5 ? { fail: 'NOT_READY' } : undefined);
      await kv.put('k', '2');
      expect(cluster.of('kv.put')).to.have.length(5);
      expect(cluster.noticed('unanswered').length).to.be.within(3, 4);
      await kv.close();
    }));

  it('a slow monitor is not asked twice at a time, and its late answer counts', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      cluster.world.network.configureLink('m', 'client', { latencyMs: 320 });
      cluster.crash('a:1');
      cluster.promote('b:1');
      const before = cluster.world.now;
      await kv.put('k', '2');
      expect(cluster.world.now - before).to.be.within(320, 330);
      expect(cluster.questions).to.have.length(2);
      await kv.close();
    }));

  it('at the first operation is waited for as long as the monitor has none', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const { view } = cluster;
      const answers: readonly (View | UnderstudyError)[] = [
        gone,
        { viewnum: 0, primary: '', backups: [], syncing: [] },
        gone,
        view,
      ];
      cluster.monitor = (count) => answers[count - 1] ?? view;
      await kv.put('k', '1');
      expect(cluster.questions).to.have.length(4);
      for (let i = 1; i < 4; i++) {
        expect((cluster.questions[i] ?? 0) - (cluster.questions[i - 1] ?? 0)).to.be.within(50, 102);
      }
      await kv.close();
    }));

  it('an older one is not taken, from nobody', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.view = { ...cluster.view, viewnum: 5 };
      await kv.put('k', '1');
      const older: View = { ...cluster.view, viewnum: 4, primary: 'b:1', backups: [] };
      cluster.monitor = () => older;
      cluster.script = (_, count) => (count < 4 ? { fail: 'NOT_PRIMARY', data: { view: older } } : undefined);
      await kv.put('k', '2');
      await kv.updateView();
      expect(kv.view.viewnum).to.equal(5);
      expect(cluster.of('kv.put').map(({ server }) => server)).to.deep.equal(Array(4).fill('a:1'));
      await kv.close();
    }));

  for (const [what, view] of [
    ['no object', 7],
    ['no viewnum', { primary: 'b:1', backups: [], syncing: [] }],
    ['a broken viewnum', { viewnum: 9.5, primary: 'b:1', backups: [], syncing: [] }],
    ['no text as primary', { viewnum: 9, primary: 3, backups: [], syncing: [] }],
    ['no list of backups', { viewnum: 9, primary: 'b:1', backups: 'c:1', syncing: [] }],
    ['no list of syncing ones', { viewnum: 9, primary: 'b:1', backups: ['c:1'], syncing: [null] }],
    ['another cluster', { viewnum: 9, primary: 'b:1', backups: [], syncing: [], cluster: 'cluster-2' }],
  ] as const) {
    it(`one from a server that makes no sense is not taken: ${what}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await kv.put('k', '1');
        cluster.script = (_, count) => (count === 2 ? { fail: 'NOT_PRIMARY', data: { view } } : undefined);
        await kv.put('k', '2');
        expect(kv.view.viewnum).to.equal(1);
        expect(cluster.questions).to.have.length(2);
        await kv.close();
      }));
  }

  it('one of another cluster is taken from the monitor, whatever its number', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.view = { ...cluster.view, viewnum: 7 };
      await kv.put('k', '1');
      cluster.crash('a:1');
      cluster.view = { viewnum: 1, primary: 'b:1', backups: [], syncing: [], cluster: 'cluster-2' };
      await kv.put('k', '2');
      expect(kv.view.cluster).to.equal('cluster-2');
      await kv.close();
    }));

  it('updateView asks once, and tells it', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      expect(await kv.updateView()).to.deep.equal(cluster.view);
      cluster.promote('b:1');
      expect(await kv.updateView()).to.deep.equal(cluster.view);
      expect(cluster.questions).to.have.length(2);
      cluster.monitor = () => gone;
      const failure = await failureOf(kv.updateView());
      expect([failure.name, failure.definite]).to.deep.equal(['RECOVERING', true]);
      expect(cluster.questions).to.have.length(3);
      await kv.close();
    }));

  it('updateView shows that a backup is not syncing any more, within the same view (R4)', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.view = { ...cluster.view, syncing: ['b:1'] };
      expect((await kv.updateView()).syncing).to.deep.equal(['b:1']);
      cluster.view = { ...cluster.view, syncing: [] };
      expect((await kv.updateView()).syncing).to.deep.equal([]);
      await kv.close();
    }));

  it('updateView makes do with a question that is under way', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      expect(await Promise.all([kv.updateView(), kv.updateView(), kv.get('k')])).to.deep.equal([
        cluster.view,
        cluster.view,
        undefined,
      ]);
      expect(cluster.questions).to.have.length(1);
      await kv.close();
    }));

  it('is told about as it changes, with what led to it', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '1');
      const first = cluster.view;
      cluster.crash('a:1');
      cluster.promote('b:1');
      await kv.put('k', '2');
      const [session] = cluster.model.sessions.keys();
      expect(cluster.notices).to.deep.equal([
        { kind: 'asking' },
        { kind: 'view', view: first, source: 'monitor' },
        { kind: 'session', session },
        { kind: 'retry', operation: 'put', reason: 'UNREACHABLE', message: 'nobody listens at a:1', server: 'a:1' },
        { kind: 'asking' },
        { kind: 'view', view: cluster.view, source: 'monitor' },
      ]);
      await kv.close();
    }));
});

import { getEventListeners } from 'node:events';
import type { KVClient, OperationOptions } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import { NO_VIEW } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { failureOf, type ScriptedCluster, withCluster } from './client-cluster.ts';

interface Phase {
  /** Brings things to where an operation that starts now gets stuck in this phase. */
  readonly prepare: (cluster: ScriptedCluster, kv: KVClient) => Promise<unknown>;
  readonly start?: (kv: KVClient, options: OperationOptions) => Promise<unknown>;
  readonly definite: boolean;
}

/** Every place at which an operation can be when its caller gives up. */
const PHASES: Readonly<Record<string, Phase>> = {
  'asking for the first view': {
    prepare: async (cluster) => {
      cluster.monitor = () => 'hang';
    },
    definite: true,
  },
  'waiting between questions for the first view': {
    prepare: async (cluster) => {
      cluster.monitor = () => new UnderstudyError('RECOVERING', 'waiting');
    },
    definite: true,
  },
  'while the session is opened': {
    prepare: async (cluster) => {
      cluster.script = ({ method }) => (method === 'kv.openSession' ? { hang: true } : undefined);
    },
    definite: true,
  },
  'waiting for its turn': {
    prepare: async (cluster, kv) => {
      await kv.put('k', '0');
      cluster.script = () => ({ hang: true });
      for (let i = 0; i < 2_048; i++) kv.put('k', 'x').catch(() => {});
    },
    definite: true,
  },
  'in flight': {
    prepare: async (cluster, kv) => {
      await kv.put('k', '0');
      cluster.script = () => ({ hang: true });
    },
    definite: false,
  },
  'waiting for the next try': {
    prepare: async (cluster, kv) => {
      await kv.put('k', '0');
      cluster.script = () => ({ fail: 'NOT_READY' });
    },
    definite: true,
  },
  'in the pause of an overloaded server': {
    prepare: async (cluster, kv) => {
      await kv.put('k', '0');
      cluster.script = () => ({ fail: 'OVERLOADED', data: { retryAfterMs: 5_000 } });
    },
    definite: true,
  },
  'asking for the view by hand': {
    prepare: async (cluster) => {
      cluster.monitor = () => 'hang';
    },
    start: (kv, options) => kv.updateView(options),
    definite: true,
  },
  reading: {
    prepare: async (cluster) => {
      cluster.script = () => ({ hang: true });
    },
    start: (kv, options) => kv.get('k', options),
    definite: true,
  },
  'reading from a backup': {
    prepare: async (cluster) => {
      cluster.script = () => ({ hang: true });
    },
    start: (kv, options) => kv.get('k', { ...options, consistency: 'sequential' }),
    definite: true,
  },
  scanning: {
    prepare: async (cluster) => {
      cluster.script = () => ({ hang: true });
    },
    start: (kv, options) => kv.scan(options).next(),
    definite: true,
  },
};

const put = (kv: KVClient, options: OperationOptions) => kv.put('x', 'v', options);

describe('client: giving up', () => {
  for (const [phase, { prepare, start = put, definite }] of Object.entries(PHASES)) {
    const outcome = definite ? 'definitely not done' : 'unknown';

    it(`abort, ${phase}: at once, ${outcome}, and no listener stays`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await prepare(cluster, kv);
        const abort = new AbortController();
        const operation = failureOf(start(kv, { signal: abort.signal }));
        await cluster.world.runFor(30);
        const before = cluster.world.now;
        abort.abort();
        const failure = await operation;
        expect([failure.name, failure.definite]).to.deep.equal(['ABORTED', definite]);
        expect(cluster.world.now).to.equal(before);
        expect(getEventListeners(abort.signal, 'abort')).to.have.length(0);
        const { timers, calls } = cluster.world.process('client').leftovers;
        expect(timers, 'a timer for each call of others, and none besides').to.equal(calls);
        await kv.close();
        cluster.expectNothingLeft();
      }));

    it(`timeout, ${phase}: to the millisecond, ${outcome}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await prepare(cluster, kv);
        const before = cluster.world.now;
        const failure = await failureOf(start(kv, { timeout: 30 }));
        expect([failure.name, failure.definite]).to.deep.equal(['TIMEOUT', definite]);
        expect(cluster.world.now - before).to.be.within(30, 30.01);
        await kv.close();
        cluster.expectNothingLeft();
      }));

    it(`close, ${phase}: at once, ${outcome}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        await prepare(cluster, kv);
        const signal = new AbortController().signal;
        const operation = failureOf(start(kv, { signal, timeout: 10_000 }));
        await cluster.world.runFor(30);
        const before = cluster.world.now;
        const closing = kv.close();
        const failure = await operation;
        expect([failure.name, failure.definite]).to.deep.equal(['CLOSED', definite]);
        expect(cluster.world.now).to.equal(before);
        await closing;
        expect(cluster.world.now - before, 'a server that hangs does not close the session').to.be.at.most(151);
        expect(getEventListeners(signal, 'abort')).to.have.length(0);
        cluster.expectNothingLeft();
      }));
  }

  it('a signal that aborted before: at once, definite, nothing is sent', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const signal = AbortSignal.abort();
      const operations = [
        kv.put('k', 'v', { signal }),
        kv.get('k', { signal }),
        kv.scan({ signal }).next(),
        kv.updateView({ signal }),
      ];
      for (const operation of operations) {
        const failure = await failureOf(operation);
        expect([failure.name, failure.definite]).to.deep.equal(['ABORTED', true]);
      }
      expect([cluster.questions, cluster.asked]).to.deep.equal([[], []]);
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
      await kv.close();
    }));

  for (const [what, told, words] of [
    ['that recovers', new UnderstudyError('RECOVERING', 'the monitor lost its state'), 'the monitor lost its state'],
    ['without a view', NO_VIEW, 'the monitor knows of no primary yet'],
  ] as const) {
    it(`a timeout without a primary says why: of a monitor ${what}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client();
        cluster.monitor = () => told;
        for (const operation of [kv.get('k', { timeout: 300 }), kv.put('k', 'v', { timeout: 300 })]) {
          const { message } = await failureOf(operation);
          expect(message).to.match(new RegExp(`: no answer in time; it is certainly not done: ${words}$`));
        }
        await kv.close();
      }));
  }

  it('a timeout says what the last try failed with, and nothing of a monitor that answers', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = () => ({ fail: 'NOT_READY' });
      const { message } = await failureOf(kv.get('k', { timeout: 300 }));
      expect(message).to.match(/certainly not done: the last of \d+ tries failed: [^;]+$/);
      await kv.close();
    }));

  it('a timeout without any monitor names its address', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client({ monitors: 'nowhere:1' });
      const { message } = await failureOf(kv.get('k', { timeout: 300 }));
      expect(message).to.include('nowhere:1');
      await kv.close();
    }));

  it('an abort after the end changes nothing, and no listener stays after success', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      const abort = new AbortController();
      const { signal } = abort;
      await Promise.all([kv.put('k', 'v', { signal }), kv.get('k', { signal }), kv.delete('k', { signal })]);
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
      abort.abort();
      await kv.put('k', 'v');
      await kv.close();
    }));

  it('no time at all: definite, nothing is sent', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', 'v');
      const failure = await failureOf(kv.put('k', 'v', { timeout: 0 }));
      expect([failure.name, failure.definite]).to.deep.equal(['TIMEOUT', true]);
      expect(cluster.of('kv.put')).to.have.length(1);
      await kv.close();
    }));

  it("the client's timeout holds for every operation; one's own goes before it", () =>
    withCluster(async (cluster) => {
      const kv = cluster.client({ timeout: 200 });
      cluster.script = () => ({ fail: 'NOT_READY' });
      for (const [options, ms] of [
        [undefined, 200],
        [{ timeout: 70 }, 70],
        [{ timeout: 900 }, 900],
      ] as const) {
        const before = cluster.world.now;
        expect((await failureOf(kv.get('k', options))).name).to.equal('TIMEOUT');
        expect(cluster.world.now - before).to.be.within(ms, ms + 0.01);
      }
      const patient = kv.get('k', { timeout: Number.POSITIVE_INFINITY });
      await cluster.world.runFor(5_000);
      cluster.script = () => undefined;
      expect(await patient).to.equal(undefined);
      await kv.close();
    }));

  it('without a timeout it tries until it has an answer', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = () => (cluster.world.now < 300_000 ? { fail: 'NOT_READY' } : undefined);
      await kv.put('k', 'v');
      expect(cluster.world.now).to.be.within(300_000, 300_300);
      await kv.close();
    }));

  it('close settles everything under way with the truth, and what comes later definitely', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.script = () => ({ hang: true });
      const inFlight = Array.from({ length: 200 }, (_, i) => failureOf(i % 2 ? kv.put('k', 'x') : kv.get('k')));
      await cluster.world.runFor(30);
      const unsent = [failureOf(kv.put('k', 'y')), failureOf(kv.get('k'))];
      const closing = kv.close();
      expect(kv.close()).to.equal(closing);
      const failures = await Promise.all([...inFlight, ...unsent]);
      expect(failures.map(({ name }) => name)).to.deep.equal(Array(202).fill('CLOSED'));
      expect(failures.map(({ definite }) => definite)).to.deep.equal([
        ...inFlight.map((_, i) => i % 2 === 0),
        true,
        true,
      ]);
      await closing;
      cluster.expectNothingLeft();
      for (const late of [kv.put('k', 'v'), kv.get('k'), kv.scan().next(), kv.updateView()]) {
        const failure = await failureOf(late);
        expect([failure.name, failure.definite]).to.deep.equal(['CLOSED', true]);
      }
      await kv.close();
      expect(cluster.of('kv.put')).to.have.length(101);
    }));

  it('close is no news of the monitor', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.monitor = () => 'hang';
      const operation = failureOf(kv.get('k'));
      await cluster.world.runFor(30);
      await kv.close();
      await operation;
      expect(cluster.notices).to.deep.equal([{ kind: 'asking' }]);
    }));

  it('close before anything was asked is quiet', () =>
    withCluster(async (cluster) => {
      await cluster.client().close();
      expect([cluster.questions, cluster.asked]).to.deep.equal([[], []]);
    }));

  it('a world that was given stays open: another client of it goes on', () =>
    withCluster(async (cluster) => {
      const one = cluster.client();
      const other = cluster.client();
      await Promise.all([one.put('k', '1'), other.put('l', '1')]);
      const running = other.put('l', '2');
      await one.close();
      await running;
      expect(await other.get('l')).to.equal('2');
      await other.close();
    }));

  it('a world that its owner closes: the truth, and no more tries', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.script = () => ({ hang: true });
      const operation = failureOf(kv.put('k', 'v'));
      await cluster.world.runFor(30);
      await cluster.world.process('client').world.transport.close();
      const failure = await operation;
      expect([failure.name, failure.definite]).to.deep.equal(['CLOSED', false]);
      await kv.close();
    }));

  it('closes with `await using`', () =>
    withCluster(async (cluster) => {
      let left: KVClient | undefined;
      {
        await using kv = cluster.client();
        await kv.put('k', 'v');
        left = kv;
      }
      expect((await failureOf(left.get('k'))).name).to.equal('CLOSED');
      cluster.expectNothingLeft();
    }));

  it('after all is done nothing is left: no timer, no call, no listener', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      cluster.script = (_, count) => (count % 3 === 0 ? { fail: 'NOT_READY' } : undefined);
      const { signal } = new AbortController();
      await Promise.all(Array.from({ length: 50 }, () => kv.put('k', 'v', { signal, timeout: 60_000 })));
      cluster.expectNothingLeft();
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
      await kv.close();
    }));
});

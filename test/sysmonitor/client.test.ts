/** The client of the monitor: several addresses, deadlines, and answers that make no sense. */
import { getEventListeners } from 'node:events';
import { type Method, UnderstudyError } from '@understudy/rpc';
import { MonitorClient, NO_VIEW, startMonitor } from '@understudy/sysmonitor';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';

const VIEW = { viewnum: 3, primary: 'a:1', backups: ['b:1'], syncing: [] };

describe('a monitor client', () => {
  let world: SimulatedWorld;
  let asked: string[];

  beforeEach(() => {
    world = new SimulatedWorld({ seed: 'client' });
    asked = [];
  });

  function client(monitors: string | readonly string[], timeoutMs = 300): MonitorClient {
    return new MonitorClient({ monitors, timeoutMs, world: world.process('client').world });
  }

  /** A process that answers each method of the monitor with this, and notes that it was asked. */
  async function answering(address: string, method: Method): Promise<void> {
    const noted: Method = (params, reply) => {
      asked.push(address);
      method(params, reply);
    };
    const methods = { 'sysmonitor.ping': noted, 'sysmonitor.view': noted, 'sysmonitor.status': noted };
    await world.process(address).world.transport.listen({ address, methods });
  }

  const result =
    (value: object): Method =>
    (_params, reply) =>
      reply.result(value);
  const failure =
    (error: UnderstudyError): Method =>
    (_params, reply) =>
      reply.failure(error);
  const silence: Method = () => {};

  async function failureOf(promise: Promise<unknown>): Promise<UnderstudyError> {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof UnderstudyError) return error;
    throw new Error(`no failure, but ${String(error)}`);
  }

  it('pings, and asks for view and status', () =>
    world.run(async () => {
      const monitor = await startMonitor({ listen: 'm:1', newCluster: true, world: world.process('m').world });
      const monitors = client('m:1');
      expect((await monitors.view()).viewnum).to.equal(0);
      expect((await monitors.ping({ server: 'a:1', viewnum: 0 })).view).to.deep.equal(monitor.view);
      expect(await monitors.view()).to.deep.equal(monitor.view);
      expect((await monitors.status()).servers.map(({ server }) => server)).to.deep.equal(['a:1']);
      await monitors.close();
      await monitor.close();
    }));

  it('pings the addresses in turn, and stays with the one that worked', () =>
    world.run(async () => {
      await answering('m2:1', silence);
      await answering('m3:1', result({ view: VIEW }));
      const monitors = client(['m1:1', 'm2:1', 'm3:1']);
      const ping = async () => (await monitors.ping({ server: 'a:1', viewnum: 3 })).view;
      const before = world.now;
      expect(await ping()).to.deep.equal(VIEW);
      expect(world.now - before, 'one deadline').to.be.within(300, 310);
      expect(await ping()).to.deep.equal(VIEW);
      expect(asked).to.deep.equal(['m2:1', 'm3:1', 'm3:1']);
    }));

  it('goes on to the next address after an answer that is none, or no monitor', () =>
    world.run(async () => {
      await answering('m1:1', result({ view: 'none' }));
      await answering('m2:1', failure(new UnderstudyError('METHOD_NOT_FOUND', 'no such method')));
      await answering('m3:1', result({ view: VIEW }));
      expect((await client('m1:1,m2:1,m3:1').ping({ server: 'a:1', viewnum: 0 })).view).to.deep.equal(VIEW);
      expect(asked).to.deep.equal(['m1:1', 'm2:1', 'm3:1']);
    }));

  for (const name of ['RECOVERING', 'CONFLICTING_SERVER', 'INVALID_PARAMS'] as const) {
    it(`takes ${name} for the monitor's answer to a ping, and pings no other`, () =>
      world.run(async () => {
        await answering('m1:1', failure(new UnderstudyError(name, 'no', { data: { waitingFor: ['b:1'] } })));
        await answering('m2:1', result({ view: VIEW }));
        const error = await failureOf(client(['m1:1', 'm2:1']).ping({ server: 'a:1', viewnum: 0 }));
        expect(error).to.include({ name, message: 'no' });
        expect(error.data).to.deep.equal({ waitingFor: ['b:1'] });
        expect(asked).to.deep.equal(['m1:1']);
      }));
  }

  it('asks another monitor for the view while the first one recovers: a question changes nothing', () =>
    world.run(async () => {
      await answering('m1:1', failure(new UnderstudyError('RECOVERING', 'no')));
      await answering('m2:1', result(VIEW));
      expect(await client(['m1:1', 'm2:1']).view()).to.deep.equal(VIEW);
      const error = await failureOf(client(['m1:1', 'm3:1']).view());
      expect(error).to.include({ name: 'RECOVERING', message: 'no' });
    }));

  it('pings the monitor that told of the view again after one that recovers: the first one was only slow', () =>
    world.run(async () => {
      let isSlow = false;
      await answering('m1:1', (_params, reply) => {
        if (!isSlow) reply.result({ view: VIEW });
      });
      await answering('m2:1', failure(new UnderstudyError('RECOVERING', 'no')));
      const monitors = client(['m1:1', 'm2:1']);
      const ping = () => monitors.ping({ server: 'a:1', viewnum: 3 });
      await ping();
      isSlow = true;
      expect((await failureOf(ping())).name).to.equal('RECOVERING');
      isSlow = false;
      expect((await ping()).view).to.deep.equal(VIEW);
      expect(asked).to.deep.equal(['m1:1', 'm1:1', 'm2:1', 'm1:1']);
    }));

  it('believes the greatest view, though another monitor has an older one, or none', () =>
    world.run(async () => {
      await answering('m1:1', result(VIEW));
      await answering('m2:1', result({ ...VIEW, viewnum: 4 }));
      await answering('m3:1', result(NO_VIEW));
      const monitors = client(['m3:1', 'm1:1', 'm2:1']);
      expect((await monitors.view()).viewnum).to.equal(4);
      expect((await monitors.view()).viewnum).to.equal(4);
      expect(monitors.followed).to.equal('m2:1');
    }));

  it('waits for no monitor that hangs where another one tells a view, and tells its greater view late', () =>
    world.run(async () => {
      let answer = (): void => {};
      await answering('m1:1', (_params, reply) => {
        answer = () => reply.result({ ...VIEW, viewnum: 4 });
      });
      await answering('m2:1', result(VIEW));
      const monitors = client(['m1:1', 'm2:1']);
      const late: number[] = [];
      const onLate = ({ viewnum }: { readonly viewnum: number }) => late.push(viewnum);
      const begin = world.now;
      expect((await monitors.view({ onLate })).viewnum).to.equal(3);
      expect(world.now - begin, 'a first question waits a little').to.be.within(60, 70);
      answer();
      await world.runFor(10);
      expect(late).to.deep.equal([4]);
      answer = () => {};
      expect((await monitors.view()).viewnum).to.equal(3);
    }));

  it('refuses the view of another cluster from another monitor, and names both', () =>
    world.run(async () => {
      let isAway = false;
      await answering('m1:1', (_params, reply) => {
        if (!isAway) reply.result({ ...VIEW, cluster: 'one' });
      });
      const monitors = client(['m1:1', 'm2:1']);
      await monitors.view();
      await answering('m2:1', result({ ...VIEW, viewnum: 9, cluster: 'two' }));
      expect((await failureOf(client(['m1:1', 'm2:1']).view())).message, 'a client that knows no cluster').to.match(
        /^the monitors disagree: they rule several clusters \(m1:1 has .*; m2:1 has /,
      );
      isAway = true;
      const error = await failureOf(monitors.view());
      expect(error.message).to.match(
        /^the monitors disagree: none tells a view of cluster one \(m2:1 has .* of cluster two; m1:1: /,
      );
    }));

  it('stays with its cluster while a monitor knows it, however great the view of another one is', () =>
    world.run(async () => {
      await answering('m1:1', result({ ...VIEW, cluster: 'one' }));
      const monitors = client(['m1:1', 'm2:1']);
      await monitors.view();
      await answering('m2:1', result({ ...VIEW, viewnum: 9, cluster: 'two' }));
      for (let count = 0; count < 3; count++) {
        expect((await monitors.view()).viewnum).to.equal(3);
        await world.runFor(10);
      }
      expect(monitors.disagreement).to.match(/^m1:1 has .* of cluster one; m2:1 has .* of cluster two$/);
    }));

  it('believes another cluster where every monitor answers and none knows its own', () =>
    world.run(async () => {
      let cluster = 'one';
      await answering('m1:1', (_params, reply) => reply.result({ ...VIEW, cluster }));
      await answering('m2:1', result(NO_VIEW));
      const monitors = client(['m1:1', 'm2:1']);
      expect((await monitors.view()).cluster).to.equal('one');
      cluster = 'two';
      expect((await monitors.view()).cluster).to.equal('two');
    }));

  it('shows no disagreement of monitors where only one answers, or all agree', () =>
    world.run(async () => {
      await answering('m1:1', result(VIEW));
      const monitors = client(['m1:1', 'm2:1']);
      for (let count = 0; count < 3; count++) await monitors.view();
      expect(monitors.disagreement).to.equal('');
    }));

  it('tells what each monitor says that answers', () =>
    world.run(async () => {
      await answering('m1:1', result(VIEW));
      await answering('m2:1', failure(new UnderstudyError('RECOVERING', 'no')));
      expect(await client(['m1:1', 'm2:1', 'm3:1']).views()).to.deep.equal([
        { address: 'm1:1', view: VIEW },
        { address: 'm2:1', view: NO_VIEW, recovers: true },
      ]);
    }));

  it('says what every address did when none answered', () =>
    world.run(async () => {
      await answering('m2:1', silence);
      const error = await failureOf(client(['m1:1', 'm2:1']).view());
      expect(error).to.include({ name: 'TIMEOUT', definite: false });
      expect(error.message).to.match(/^no monitor answered \(m1:1: .+; m2:1: .+\)$/);
      expect(await failureOf(client('m1:1').view())).to.include({ name: 'UNREACHABLE', definite: true });
    }));

  it('uses no view that makes no sense', () =>
    world.run(async () => {
      await answering('m1:1', result({ ...VIEW, backups: ['a:1'] }));
      const error = await failureOf(client('m1:1').view());
      expect(error).to.include({ name: 'INVALID_REQUEST', definite: false });
      expect(error.message).to.include('view.backups');
    }));

  it('ends with ABORTED when the caller gives up, also when it had before', () =>
    world.run(async () => {
      await answering('m1:1', silence);
      await answering('m2:1', result(VIEW));
      const monitors = client(['m1:1', 'm2:1']);
      const controller = new AbortController();
      const request = failureOf(monitors.view({ signal: controller.signal }));
      await world.runFor(50);
      controller.abort();
      expect((await request).name).to.equal('ABORTED');
      expect((await failureOf(monitors.view({ signal: controller.signal }))).name).to.equal('ABORTED');
      expect(asked).to.deep.equal(['m1:1', 'm2:1']);
    }));

  it('hears by one listener that the caller of many requests gives up: Node warns of more than ten', () =>
    world.run(async () => {
      await answering('m1:1', silence);
      const monitors = client('m1:1');
      const controller = new AbortController();
      const { signal } = controller;
      const requests = Array.from({ length: 20 }, () => failureOf(monitors.view({ signal })));
      expect(getEventListeners(signal, 'abort')).to.have.length(1);
      await world.runFor(50);
      controller.abort();
      for (const error of await Promise.all(requests)) expect(error.name).to.equal('ABORTED');
      expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
    }));

  it('ends what is under way with CLOSED when it is closed, and starts nothing more', () =>
    world.run(async () => {
      await answering('m1:1', silence);
      const monitors = client('m1:1');
      const request = failureOf(monitors.view());
      await world.runFor(50);
      await monitors.close();
      expect(await request).to.include({ name: 'CLOSED', definite: false });
      expect(await failureOf(monitors.view())).to.include({ name: 'CLOSED', definite: true });
      expect(world.process('client').leftovers).to.deep.equal({ timers: 0, calls: 0, listeners: [] });
    }));

  it('refuses addresses and deadlines that are none', () => {
    const { world: own } = world.process('client');
    expect(() => new MonitorClient({ monitors: [], world: own })).to.throw(UnderstudyError, /monitors/);
    expect(() => new MonitorClient({ monitors: 'nowhere', world: own })).to.throw(UnderstudyError, /monitors/);
    expect(() => new MonitorClient({ monitors: 'a:1', timeoutMs: 0, world: own })).to.throw(
      UnderstudyError,
      /timeoutMs/,
    );
    expect(() => new MonitorClient({ monitors: 'a:1', timeoutMs: Number.NaN, world: own })).to.throw(UnderstudyError);
  });
});

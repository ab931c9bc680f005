/** A monitor as a process: its methods, its pages, its clock. */
import { UnderstudyError } from '@understudy/rpc';
import { type Monitor, type MonitorNotice, type MonitorOptions, startMonitor } from '@understudy/sysmonitor';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { runName } from '../support/run-name.ts';
import { listenAs } from './support/identified.ts';

describe('a monitor', () => {
  let world: SimulatedWorld;
  let monitor: Monitor;
  let notices: MonitorNotice[];

  beforeEach(() => {
    world = new SimulatedWorld({ seed: 'monitor' });
    notices = [];
  });

  /** Starts one at m:1 with these options, lets the body run, and checks that nothing is left of it. */
  async function withMonitor(options: Partial<MonitorOptions>, body: () => Promise<void>): Promise<void> {
    await world.run(async () => {
      const process = world.process('m');
      const onNotice = (notice: MonitorNotice) => notices.push(notice);
      monitor = await startMonitor({ listen: 'm:1', newCluster: true, world: process.world, onNotice, ...options });
      await body();
      await monitor.close();
      expect(process.leftovers).to.deep.equal({ timers: 0, calls: 0, listeners: [] });
    });
    expect(world.network.defects).to.deep.equal([]);
  }

  /** The result, or the failure's name and data. */
  async function call(method: string, params: object): Promise<unknown> {
    try {
      return await world.process('client').world.transport.call('m:1', method, params, { timeoutMs: 1_000 });
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return { failure: error.name, ...error.data };
    }
  }

  it('answers pings with the view, and tells the view to whoever asks', () =>
    withMonitor({}, async () => {
      expect(await call('sysmonitor.view', {})).to.deep.equal({ viewnum: 0, primary: '', backups: [], syncing: [] });
      const { view } = (await call('sysmonitor.ping', {
        server: 'a:1',
        viewnum: 0,
        incarnation: runName('x'),
      })) as Monitor;
      expect(view).to.deep.include({ viewnum: 1, primary: 'a:1', incarnations: { 'a:1': runName('x') } });
      expect(view.cluster).to.match(/^[0-9a-f]{32}$/);
      expect(await call('sysmonitor.view', {})).to.deep.equal(view);
      expect(monitor.view).to.deep.equal(view);
      expect(monitor.address).to.equal('m:1');
    }));

  it('refuses a ping that makes no sense, naming the field, and takes nothing of it', () =>
    withMonitor({}, async () => {
      expect(await call('sysmonitor.ping', { server: 'a:1', viewnum: -1 })).to.deep.equal({
        failure: 'INVALID_PARAMS',
        field: 'viewnum',
      });
      expect(await call('sysmonitor.ping', {})).to.deep.equal({ failure: 'INVALID_PARAMS', field: 'server' });
      expect(monitor.status().servers).to.deep.equal([]);
    }));

  it('listens before the first view unless told that the cluster is new, and is not healthy so long', () =>
    withMonitor({ newCluster: false }, async () => {
      expect(await world.network.page('m:1', '/health')).to.deep.equal({
        status: 503,
        body: { phase: 'listening', viewnum: 0 },
      });
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 0 });
      expect(monitor.view.viewnum).to.equal(0);
      await world.runFor(500);
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 0 });
      expect(monitor.view.viewnum).to.equal(1);
      expect(await world.network.page('m:1', '/health')).to.deep.equal({
        status: 200,
        body: { phase: 'serving', viewnum: 1 },
      });
    }));

  it('says whom it waits for when it lost its state', () =>
    withMonitor({ newCluster: false }, async () => {
      const view = { viewnum: 7, primary: 'a:1', backups: ['b:1'], syncing: [] };
      const ping = { server: 'a:1', viewnum: 7, incarnation: runName('x'), cluster: 'c', view };
      const told = { ...view, cluster: 'c' };
      await listenAs(world, { server: 'a:1', incarnation: runName('x'), view: told, isOwnSecret: true });
      const answer = await call('sysmonitor.ping', ping);
      expect(answer).to.deep.include({ failure: 'RECOVERING', waitingFor: ['b:1'] });
      expect(await call('sysmonitor.view', {})).to.deep.include({ failure: 'RECOVERING', waitingFor: ['b:1'] });
      expect(await call('sysmonitor.status', {})).to.deep.include({
        phase: 'recovering',
        waiting: { kind: 'reports', servers: ['b:1'], viewnum: 7, holders: ['a:1'] },
      });
    }));

  it('tells everything in its status, on the wire and as a page', () =>
    withMonitor({}, async () => {
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 0, incarnation: runName('x') });
      await call('sysmonitor.ping', { server: 'b:1', viewnum: 0, incarnation: runName('y'), priority: 3 });
      await call('sysmonitor.ping', {
        server: 'a:1',
        viewnum: 1,
        incarnation: runName('x'),
        position: { viewnum: 1, index: 4 },
      });
      await world.runFor(250);
      const status = monitor.status();
      expect(status).to.deep.include({ phase: 'serving', acknowledged: false, safe: ['a:1'], backupsWanted: 1 });
      expect(status.waiting).to.deep.equal({ kind: 'acknowledgement', servers: ['a:1'] });
      expect(status.servers.map(({ lastPingMs, ...rest }) => rest)).to.deep.equal([
        {
          server: 'a:1',
          role: 'primary',
          syncing: false,
          condition: 'alive',
          incarnation: runName('x'),
          confirmed: false,
          viewnum: 1,
          priority: 0,
          position: { viewnum: 1, index: 4 },
        },
        {
          server: 'b:1',
          role: 'backup',
          syncing: true,
          condition: 'alive',
          incarnation: runName('y'),
          confirmed: false,
          viewnum: 0,
          priority: 3,
        },
      ]);
      expect(status.servers[0]?.lastPingMs).to.be.within(250, 252);
      expect(status.history.map(({ causes }) => causes)).to.deep.equal([
        [{ kind: 'first-server', server: 'a:1' }],
        [{ kind: 'backup-joined', server: 'b:1' }],
      ]);
      expect(await world.network.page('m:1', '/status')).to.deep.equal({ status: 200, body: status });
      const { view, acknowledged, waiting, servers } = status;
      const body = { view, acknowledged, waiting, servers };
      expect(await world.network.page('m:1', '/cluster/status')).to.deep.equal({ status: 200, body });
    }));

  it('shows the way to the primary to whoever asks it for a key', () =>
    withMonitor({}, async () => {
      const early = await world.network.page('m:1', '/kv/k', { method: 'PUT', body: 'v' });
      expect(early).to.deep.include({ status: 503 }).and.have.nested.property('body.error.data.name', 'NOT_READY');
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 0, incarnation: runName('x') });
      for (const [method, target] of [
        ['PUT', '/kv/k%20%2F'],
        ['DELETE', '/kv/k'],
        ['GET', '/kv/k?timeout=5'],
        ['GET', '/kv?prefix=%20'],
      ] as const) {
        const answer = { status: 307, headers: { Location: `http://a:1${target}` } };
        expect(await world.network.page('m:1', target, { method })).to.deep.equal(answer);
      }
    }));

  it('gives notice of what happens, with its cause', () =>
    withMonitor({}, async () => {
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 0, incarnation: runName('x') });
      await call('sysmonitor.ping', { server: 'b:1', viewnum: 0, incarnation: runName('y') });
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 1, incarnation: runName('x') });
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 2, incarnation: runName('x') });
      await call('sysmonitor.ping', { server: 'q:1', viewnum: 9, cluster: 'other' });
      await call('sysmonitor.ping', { server: 'q:1', viewnum: 9, cluster: 'other' });
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 2, incarnation: runName('w') });
      for (let round = 0; round < 7; round++) {
        await call('sysmonitor.ping', { server: 'b:1', viewnum: 2, incarnation: runName('y') });
        await world.runFor(100);
      }
      await world.runFor(700);
      const told = notices.map((notice) => {
        if (notice.kind === 'view') return `view ${notice.view.viewnum}: ${notice.causes.map((cause) => cause.kind)}`;
        if (notice.kind === 'server') return `${notice.role} ${notice.server} ${notice.condition}`;
        return notice.kind === 'waiting' ? `waiting for ${notice.waiting.kind}` : notice.kind;
      });
      expect(told).to.deep.equal([
        'waiting for first-server',
        'view 1: first-server',
        'primary a:1 alive',
        'idle b:1 alive',
        'acknowledged',
        'view 2: backup-joined',
        'acknowledged',
        'foreign',
        'conflict',
        'view 3: primary-silent',
        'idle a:1 silent',
        'primary b:1 silent',
        'waiting for data',
      ]);
    }));

  it('counts nobody as silent for a pause of its own (V10)', () =>
    withMonitor({}, async () => {
      await call('sysmonitor.ping', { server: 'a:1', viewnum: 0, incarnation: runName('x') });
      world.process('m').stall(2_000);
      await world.runFor(2_100);
      expect(monitor.status().servers[0]).to.deep.include({ condition: 'alive' });
      expect(notices.map(({ kind }) => kind)).to.include('paused');
      await world.runFor(600);
      expect(monitor.status().servers[0]).to.deep.include({ condition: 'silent' });
    }));

  it('closes once, however often it is asked to', () =>
    withMonitor({}, async () => {
      await Promise.all([monitor.close(), monitor.close()]);
      expect(await call('sysmonitor.view', {})).to.deep.include({ failure: 'UNREACHABLE' });
    }));

  for (const [field, options] of [
    ['listen', { listen: 'nowhere' }],
    ['listen', { listen: undefined }],
    ['backups', { backups: -1 }],
    ['backups', { backups: 1.5 }],
    ['backups', { backups: '1' }],
    ['pingInterval', { pingInterval: 0 }],
    ['pingInterval', { pingInterval: Number.NaN }],
    ['deadPings', { deadPings: 0 }],
    ['newCluster', { newCluster: 'yes' }],
    ['dataDir', { dataDir: '' }],
    ['dataDir', { dataDir: 7 }],
  ] as const) {
    it(`is not started with ${field} ${String(Object.values(options)[0])}`, async () => {
      const given = { listen: 'm:1', world: world.process('m').world, ...options } as unknown as MonitorOptions;
      const error = await startMonitor(given).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(UnderstudyError).with.property('name', 'INVALID_PARAMS');
      expect((error as UnderstudyError).data.field).to.equal(field);
      expect((error as UnderstudyError).message).to.include(field);
      expect(world.process('m').leftovers.timers).to.equal(0);
    });
  }

  it('leaves no timer behind when its address is taken', () =>
    withMonitor({}, async () => {
      const other = world.process('m').world;
      const before = world.process('m').leftovers.timers;
      const error = await startMonitor({ listen: 'm:1', world: other }).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error);
      expect(world.process('m').leftovers.timers).to.equal(before);
    }));
});

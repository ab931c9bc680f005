/**
 * Pings that anybody can send, in no run's name: they neither unseat a monitor nor bind the servers that come after
 * them.
 */
import { expect } from 'chai';
import type { Ping, View } from '../../packages/sysmonitor/src/contract.ts';
import type { MonitorCore } from '../../packages/sysmonitor/src/core/monitor.ts';
import { CLUSTER } from './support/notation.ts';
import { newMonitor } from './support/table.ts';

/** Of servers that show secrets; each is confirmed. */
function server(name: string, viewnum = 0, more: Partial<Ping> = {}): Ping {
  return { server: name, incarnation: `${name}1`, secret: `secret of ${name}`, viewnum, ...more };
}

/** The monitor runs: it ticks each ping interval. */
function run(monitor: MonitorCore, from: number, to: number): void {
  for (let now = from; now <= to; now += 100) monitor.tick(now);
}

function primaryOf(monitor: MonitorCore): string {
  return monitor.view.primary;
}

describe('pings of strangers', () => {
  it('in the name of a living server change nothing, whatever they claim (V11)', () => {
    const monitor = newMonitor();
    monitor.ping(server('A'), 0);
    const { view } = monitor;
    for (const claim of [
      { server: 'A', viewnum: 900_000, cluster: CLUSTER },
      { server: 'A', viewnum: 0 },
    ]) {
      const { answer } = monitor.ping(claim, 100);
      expect(answer).to.have.nested.property('failure.name', 'CONFLICTING_SERVER');
      expect(monitor.view).to.equal(view);
      expect(monitor.status(100).phase).to.equal('serving');
    }
  });

  it('that began a view do not bind servers that show a secret: the monitor listens anew (V1)', () => {
    for (const name of ['A', 'nobody']) {
      const monitor = newMonitor();
      monitor.ping({ server: name, viewnum: 0 }, 0);
      expect(primaryOf(monitor), 'a cluster of the lab, as far as is known').to.equal(name);
      const { cluster } = monitor.view;
      monitor.ping(server('A'), 100);
      expect(primaryOf(monitor)).to.equal('');
      run(monitor, 100, 600);
      monitor.ping({ server: 'nobody', viewnum: 0 }, 650);
      expect(primaryOf(monitor), 'no stranger begins it again').to.equal('');
      monitor.ping(server('A'), 700);
      expect(primaryOf(monitor)).to.equal('A');
      expect(monitor.view.viewnum).to.equal(1);
      expect(monitor.view.cluster, 'no number twice in one cluster (V8)').not.to.equal(cluster);
    }
  });

  it('whose claims are never confirmed delay a new cluster for some seconds in all, and no longer (V1)', () => {
    const monitor = newMonitor({ newCluster: false });
    let begunAt = 0;
    for (let now = 0; now < 30_000 && begunAt === 0; now += 100) {
      if (now % 1_000 === 0) monitor.doubts(claimOf('X', { ...monitor.view, cluster: 'no such cluster' }), now);
      monitor.ping(server('A'), now);
      if (primaryOf(monitor) === 'A') begunAt = now;
    }
    expect(begunAt).to.be.within(10_000, 11_000);
  });

  /** A is primary and B its backup, both in sync; the view is acknowledged at 300 ms. */
  function pairOf(): MonitorCore {
    const monitor = newMonitor();
    monitor.ping(server('A'), 0);
    const tell = (name: string, now: number): void => {
      const { view } = monitor;
      monitor.ping(server(name, view.viewnum, { cluster: view.cluster ?? '', view }), now);
    };
    tell('A', 100);
    monitor.ping(server('B'), 100);
    tell('A', 200);
    for (const name of ['B', 'A']) tell(name, 300);
    expect(monitor.view).to.deep.include({ primary: 'A', backups: ['B'], syncing: [] });
    return monitor;
  }

  function claimOf(name: string, { cluster }: View, more: Partial<Ping> = {}): Ping {
    const view = { viewnum: 900_000, primary: 'nobody', backups: [], syncing: [], cluster: cluster ?? '' };
    return server(name, 900_000, { cluster: cluster ?? '', view, ...more });
  }

  it('that claim a later view are not believed while all members of the view disprove it (V12)', () => {
    const monitor = pairOf();
    const { view } = monitor;
    const { answer } = monitor.ping(claimOf('X', view), 400);
    expect(answer).to.have.nested.property('failure.name', 'RECOVERING');
    expect(monitor.view).to.equal(view);
    expect(monitor.status(400).phase).to.equal('serving');
  });

  it('that claim a later view are believed if a member knows it, is silent, or is another run (V12)', () => {
    const byMember = pairOf();
    byMember.ping(claimOf('B', byMember.view), 400);
    expect(primaryOf(byMember), 'B itself knows it').to.equal('');

    const silent = pairOf();
    const { view } = silent;
    for (const now of [400, 500, 600, 700]) silent.ping(server('A', view.viewnum, { cluster: CLUSTER, view }), now);
    silent.ping(claimOf('X', view), 810);
    expect(primaryOf(silent), 'B is silent').to.equal('');

    const restarted = pairOf();
    const again = { incarnation: 'B2', secret: 'another', cluster: CLUSTER, view: restarted.view };
    restarted.ping(server('B', restarted.view.viewnum, again), 400);
    restarted.ping(claimOf('X', restarted.view), 410);
    expect(primaryOf(restarted), 'B is another run').to.equal('');
  });

  it('that began a view do not keep servers out that hold the data of a cluster (V12)', () => {
    const monitor = newMonitor({ newCluster: false });
    run(monitor, 0, 500);
    monitor.ping({ server: 'nobody', viewnum: 0 }, 600);
    expect(primaryOf(monitor)).to.equal('nobody');
    const view = { viewnum: 7, primary: 'A', backups: [], syncing: [], cluster: 'older', incarnations: { A: 'A0' } };
    monitor.ping(server('A', 7, { cluster: 'older', view }), 700);
    run(monitor, 700, 1_200);
    monitor.ping(server('A', 7, { cluster: 'older', view }), 1_300);
    expect(monitor.view).to.include({ viewnum: 1_007, primary: 'A', cluster: 'older' });
  });

  it('leave alone a view with a member that has shown a secret, in an earlier life of the monitor too', () => {
    const before = newMonitor();
    before.ping(server('A'), 0);
    const { state } = before;
    const monitor = newMonitor({ state, newCluster: false });
    monitor.ping(server('B'), 100);
    expect(primaryOf(monitor)).to.equal('A');
  });

  it('that began a view do not bind servers that show a secret after a restart of the monitor either (V1)', () => {
    // The monitor may end before it has saved the next view, so its disk still holds the view of the strangers.
    for (const stranger of [
      { server: 'A', viewnum: 0 },
      { server: 'nobody', viewnum: 0, incarnation: 'nobody1' },
    ]) {
      const before = newMonitor();
      before.ping(stranger, 0);
      const monitor = newMonitor({ state: before.state, newCluster: false });
      monitor.ping(server('A'), 100);
      expect(primaryOf(monitor)).to.equal('');
      run(monitor, 100, 600);
      monitor.ping(server('A'), 700);
      expect(monitor.view).to.include({ viewnum: 1, primary: 'A' });
    }
  });

  it('are not assumed in a state that does not say which runs have a secret: its servers keep their view', () => {
    const before = newMonitor();
    before.ping(server('A'), 0);
    const { state } = before;
    if (state === undefined) throw new Error('the monitor has a view');
    const runs = state.runs.map((run) => ({ server: run.server, incarnation: run.incarnation }));
    const monitor = newMonitor({ state: { ...state, runs }, newCluster: false });
    monitor.ping(server('B'), 100);
    expect(primaryOf(monitor)).to.equal('A');
  });
});

/**
 * Pings that anybody can send, in no run's name: they neither unseat a monitor nor bind the servers that come after
 * them.
 */
import { expect } from 'chai';
import type { Ping } from '../../packages/sysmonitor/src/contract.ts';
import type { MonitorCore } from '../../packages/sysmonitor/src/core/monitor.ts';
import { CLUSTER } from './support/notation.ts';
import { newMonitor } from './support/table.ts';

/** Of servers that show secrets; each is confirmed. */
function server(name: string, viewnum = 0, more: Partial<Ping> = {}): Ping {
  return { server: name, incarnation: `${name}1`, secret: `secret of ${name}`, viewnum, ...more };
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
      monitor.ping({ server: 'nobody', viewnum: 0 }, 650);
      expect(primaryOf(monitor), 'no stranger begins it again').to.equal('');
      monitor.ping(server('A'), 700);
      expect(primaryOf(monitor)).to.equal('A');
      expect(monitor.view.viewnum).to.equal(1);
      expect(monitor.view.cluster, 'no number twice in one cluster (V8)').not.to.equal(cluster);
    }
  });

  it('that began a view do not keep servers out that hold the data of a cluster (V12)', () => {
    const monitor = newMonitor({ newCluster: false });
    monitor.ping({ server: 'nobody', viewnum: 0 }, 600);
    expect(primaryOf(monitor)).to.equal('nobody');
    const view = { viewnum: 7, primary: 'A', backups: [], syncing: [], cluster: 'older', incarnations: { A: 'A0' } };
    for (const now of [700, 1_300]) monitor.ping(server('A', 7, { cluster: 'older', view }), now);
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
});

/** What the metrics of real servers and their monitor show after a known sequence of operations. */
import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { eventually } from '../cli/command.ts';
import { declared, scrape, text } from './scrape.ts';

describe('metrics', () => {
  let cluster: Cluster;

  beforeEach(async () => {
    cluster = await startCluster({ servers: 3, backups: 1 });
  });
  afterEach(() => cluster.close());

  it('of a primary: what was done, and what it holds', async () => {
    // One try for each: a machine that stands still makes the client ask again, which is counted too.
    const kv = cluster.client({ tryTimeout: 10_000 });
    for (let count = 0; count < 10; count++) await kv.put(`key-${count}`, 'v');
    for (let count = 0; count < 5; count++) await kv.get('key-1');
    await kv.delete('key-9');
    await kv.cas('key-1', 'v', 'w');
    await fetch(`http://${cluster.primary}/kv/key-1`);
    const shown = await scrape(cluster.primary);
    const expected = {
      'understudy_role{role="primary"}': 1,
      'understudy_role{role="backup"}': 0,
      'understudy_role{role="idle"}': 0,
      understudy_ready: 1,
      understudy_viewnum: cluster.view.viewnum,
      understudy_keys: 9,
      understudy_sessions: 1,
      understudy_remembered_results: 1,
      understudy_memory_full: 0,
      understudy_writes_without_room_total: 0,
      [`understudy_backup_full{backup="${cluster.backups[0]}"}`]: 0,
      'understudy_queue_length{queue="writes"}': 0,
      'understudy_queue_length{queue="reads"}': 0,
      understudy_duplicates_answered_total: 0,
      [`understudy_backup_syncing{backup="${cluster.backups[0]}"}`]: 0,
      'understudy_request_duration_seconds_count{method="kv.put"}': 10,
      'understudy_request_duration_seconds_count{method="kv.get"}': 6,
      'understudy_request_duration_seconds_bucket{method="kv.get",le="+Inf"}': 6,
      'understudy_request_duration_seconds_count{method="kv.delete"}': 1,
      'understudy_request_duration_seconds_count{method="kv.cas"}': 1,
      'understudy_request_duration_seconds_count{method="kv.openSession"}': 1,
      'understudy_view_changes_total{change="primary"}': 1,
      'understudy_view_changes_total{change="backups"}': cluster.view.viewnum - 1,
    };
    for (const [name, value] of Object.entries(expected)) expect(shown.get(name), name).to.equal(value);
    expect(shown.get('understudy_commit_index')).to.be.at.least(13);
    expect(shown.get('understudy_log_index')).to.equal(shown.get('understudy_commit_index'));
    expect(shown.get('understudy_lease_remaining_seconds')).to.be.within(0, 0.2);
    const reads = ['lease', 'confirmation'].map((by) => shown.get(`understudy_reads_total{by="${by}"}`) ?? 0);
    expect((reads[0] ?? 0) + (reads[1] ?? 0)).to.be.at.least(6);
    const took = shown.get('understudy_request_duration_seconds_sum{method="kv.put"}');
    expect(took).to.be.greaterThan(0).and.lessThan(10);
  });

  it('of the others: their role, and what they passed on', async () => {
    const [backup = ''] = cluster.backups;
    const idle = cluster.servers.find(({ role }) => role === 'idle')?.address ?? '';
    await fetch(`http://${idle}/kv/k`, { method: 'PUT', body: 'v', headers: { 'Content-Type': 'text/plain' } });
    const shown = await scrape(backup);
    expect(shown.get('understudy_role{role="backup"}')).to.equal(1);
    expect(shown.get('understudy_request_duration_seconds_count{method="kv.prepare"}')).to.be.greaterThan(0);
    // It is given again with each round of heartbeats.
    await eventually('a promise stands', async () => {
      return ((await scrape(backup)).get('understudy_promise_remaining_seconds') ?? 0) > 0;
    });
    expect(shown.has('understudy_lease_remaining_seconds')).to.equal(false);
    expect((await scrape(idle)).get('understudy_role{role="idle"}')).to.equal(1);
    const failed = { method: 'POST', headers: { 'Content-Type': 'application/json' } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'kv.put', params: { key: 'k', value: 'v' } });
    await fetch(`http://${idle}/rpc`, { ...failed, body });
    const refused = 'understudy_request_failures_total{method="kv.put",failure="NOT_PRIMARY"}';
    expect((await scrape(idle)).get(refused)).to.equal(1);
  });

  it('of the monitor: the view, who is in it, and why', async () => {
    const monitor = await scrape(cluster.monitor);
    const expected = {
      'understudy_monitor_phase{phase="serving"}': 1,
      'understudy_monitor_phase{phase="recovering"}': 0,
      understudy_monitor_viewnum: cluster.view.viewnum,
      understudy_monitor_acknowledged: 1,
      understudy_monitor_backups: 1,
      understudy_monitor_backups_wanted: 1,
      'understudy_monitor_servers{role="primary",condition="alive"}': 1,
      'understudy_monitor_servers{role="idle",condition="alive"}': 1,
      'understudy_monitor_view_changes_total{cause="first-server"}': 1,
      'understudy_monitor_view_changes_total{cause="backup-joined"}': 1,
      'understudy_monitor_view_changes_total{cause="primary-silent"}': 0,
    };
    for (const [name, value] of Object.entries(expected)) expect(monitor.get(name), name).to.equal(value);
    expect(monitor.get(`understudy_monitor_last_ping_seconds{server="${cluster.primary}"}`)).to.be.at.least(0);
    expect(monitor.get('understudy_request_duration_seconds_count{method="sysmonitor.ping"}')).to.be.greaterThan(3);
  });

  it('of a failover: counted at the monitor by cause, and at the new primary', async () => {
    const kv = cluster.client();
    await kv.put('k', 'v');
    const dead = await cluster.kill('primary');
    await kv.put('k', 'w');
    await cluster.waitUntilInSync();
    const monitor = await scrape(cluster.monitor);
    expect(monitor.get('understudy_monitor_view_changes_total{cause="primary-silent"}')).to.equal(1);
    expect(monitor.get('understudy_monitor_view_changes_total{cause="backup-joined"}')).to.equal(2);
    expect(monitor.get('understudy_monitor_servers{role="idle",condition="silent"}')).to.equal(1);
    expect(monitor.get(`understudy_monitor_last_ping_seconds{server="${dead}"}`)).to.be.greaterThan(0.2);
    const server = await scrape(cluster.primary);
    expect(server.get('understudy_role{role="primary"}')).to.equal(1);
    expect(server.get('understudy_view_changes_total{change="primary"}')).to.equal(2);
  });

  it('are each of one kind, and those of two servers in one process are apart', async () => {
    const [backup = ''] = cluster.backups;
    await cluster.client({ tryTimeout: 10_000 }).put('k', 'v');
    const [one, other] = await Promise.all([text(cluster.primary), text(backup)]);
    expect(declared(one).get('understudy_request_duration_seconds')).to.equal('histogram');
    expect(declared(one).get('understudy_commit_index')).to.equal('gauge');
    expect(declared(one).get('understudy_duplicates_answered_total')).to.equal('counter');
    expect(one).to.contain('understudy_request_duration_seconds_count{method="kv.put"} 1');
    expect(other).not.to.contain('kv.put');
  });
});

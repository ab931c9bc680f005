/** Events on Node's diagnostics channels: each operation that a server answers, each view. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { OperationEvent, ViewEvent } from '@understudy/kvservice';
import type { MonitorViewEvent } from '@understudy/sysmonitor';
import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';

/** What is published on a channel while the body runs. */
async function listen<Event>(channel: string, body: () => Promise<void>): Promise<readonly Event[]> {
  const events: Event[] = [];
  const note = (event: unknown): void => void events.push(event as Event);
  subscribe(channel, note);
  try {
    await body();
  } finally {
    unsubscribe(channel, note);
  }
  return events;
}

describe('diagnostics channels', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster({ servers: 2 });
  });
  after(() => cluster.close());

  it('understudy:operation tells each operation that a server answers', async () => {
    const kv = cluster.client({ tryTimeout: 10_000 });
    await kv.put('before', 'v');
    const server = cluster.primary;
    const events = await listen<OperationEvent>('understudy:operation', async () => {
      await kv.put('k', 'v');
      await kv.get('k');
      for await (const _ of kv.scan({ prefix: 'k' })) continue;
      await fetch(`http://${server}/kv/k`);
      await kv.updateView();
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'kv.delete', params: { key: '' } });
      await fetch(`http://${server}/rpc`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    });
    const shapes = events.map(({ durationMs, session, ...rest }) => {
      expect(durationMs).to.be.within(0, 5_000);
      return { ...rest, hasSession: session !== undefined };
    });
    const event = { server, failure: undefined, hasSession: false };
    expect(shapes).to.deep.equal([
      { ...event, operation: 'put', key: 'k', seq: 2, hasSession: true },
      { ...event, operation: 'get', key: 'k' },
      { ...event, operation: 'scan' },
      { ...event, operation: 'get', key: 'k' },
      { ...event, operation: 'delete', key: '', failure: 'INVALID_PARAMS' },
    ]);
  });

  it('understudy:view and understudy:monitor-view tell each view, and why', async () => {
    const [heir = ''] = cluster.backups;
    let dead = '';
    const servers: ViewEvent[] = [];
    const monitors = await listen<MonitorViewEvent>('understudy:monitor-view', async () => {
      const told = await listen<ViewEvent>('understudy:view', async () => {
        dead = await cluster.kill('primary');
        await cluster.client().put('k', 'w');
      });
      servers.push(...told);
    });
    expect(servers.map(({ server, role, view }) => [server, role, view.primary])).to.deep.equal([
      [heir, 'primary', heir],
    ]);
    expect(monitors).to.have.length(1);
    const { monitor, view, causes } = monitors[0] as MonitorViewEvent;
    expect([monitor, view.primary, view.viewnum]).to.deep.equal([cluster.monitor, heir, servers[0]?.view.viewnum]);
    expect(causes.map(({ kind, server }) => [kind, server])).to.deep.equal([['primary-silent', dead]]);
  });
});

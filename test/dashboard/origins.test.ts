/** Whose pages a real cluster lets in: those of its own nodes, wherever they stand in it, and no others. */
import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { runName } from '../support/run-name.ts';

describe('pages of a cluster', () => {
  let cluster: Cluster;
  let idle: string;

  before(async () => {
    cluster = await startCluster({ servers: 3, backups: 1 });
    idle = cluster.servers.find(({ role }) => role === 'idle')?.address ?? '';
  });
  after(() => cluster.close());

  const ask = (node: string, path: string, from: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://${node}${path}`, { ...init, headers: { ...init.headers, Origin: `http://${from}` } });

  it('may look at every node, whichever they came from', async () => {
    const nodes = [cluster.monitor, ...cluster.servers.map(({ address }) => address)];
    expect(nodes).to.have.length(4);
    for (const from of nodes) {
      for (const node of nodes) {
        const response = await ask(node, '/status', from);
        expect(
          [response.status, response.headers.get('access-control-allow-origin')],
          `${from} at ${node}`,
        ).to.deep.equal([200, `http://${from}`]);
      }
    }
  });

  it('may listen, and write with a condition', async () => {
    const end = new AbortController();
    const events = await ask(cluster.primary, '/events', idle, { signal: end.signal });
    expect([events.status, events.headers.get('content-type')]).to.deep.equal([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    end.abort();
    const write = (condition: Record<string, string>): Promise<Response> =>
      ask(cluster.primary, '/kv/a', idle, {
        method: 'PUT',
        body: 'v',
        headers: { 'Content-Type': 'text/plain', ...condition },
      });
    const first = await write({ 'If-None-Match': '*' });
    expect([first.status, first.headers.get('access-control-expose-headers')]).to.deep.equal([
      200,
      'ETag, Retry-After',
    ]);
    const again = await write({ 'If-None-Match': '*' });
    expect([again.status, again.headers.get('access-control-allow-origin')]).to.deep.equal([412, `http://${idle}`]);
    expect((await write({ 'If-Match': first.headers.get('etag') ?? '' })).status).to.equal(200);
  });

  it('are refused where they came from elsewhere, and nothing is done', async () => {
    // A name in a ping gives no right: nothing at that address confirms it.
    for (const ping of [
      { server: 'evil.example:80', viewnum: 0 },
      { server: 'evil.example:80', viewnum: 0, incarnation: runName('z') },
    ]) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'sysmonitor.ping', params: ping });
      const headers = { 'Content-Type': 'application/json' };
      expect((await fetch(`http://${cluster.monitor}/rpc`, { method: 'POST', headers, body })).status).to.equal(200);
    }
    for (const node of [cluster.monitor, cluster.primary, idle]) {
      for (const from of ['evil.example', '127.0.0.1:1', cluster.primary.replace(/.$/, '')]) {
        for (const path of ['/events', '/status', '/cluster/status', '/kv', '/health', '/metrics', '/']) {
          expect((await ask(node, path, from)).status, `${path} of ${node} from ${from}`).to.equal(403);
        }
        const init = { method: 'PUT', body: 'evil', headers: { 'Content-Type': 'text/plain' } };
        expect((await ask(node, '/kv/evil', from, init)).status).to.equal(403);
      }
    }
    expect((await fetch(`http://${cluster.primary}/kv/evil`)).status).to.equal(404);
  });
});

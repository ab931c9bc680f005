/** A request that a server passes on: it outlasts a failover, and is done at most once whatever gets lost on the way. */
import type { PageAnswer, Visit } from '@understudy/rpc';
import { type Message, startCluster, type Verdict } from '@understudy/testkit';
import { expect } from 'chai';
import { SimulatedCluster } from '../../support/cluster/simulated-cluster.ts';
import { put } from './requests.ts';

/** The first reply to each of these calls, whoever asked, is lost. */
function loseFirstReplies(cluster: SimulatedCluster, methods: readonly string[]): () => number {
  let lost = 0;
  const seen = new Set<string>();
  cluster.world.network.intercept(({ kind, method, text }: Message): Verdict => {
    if (kind !== 'reply' || !methods.includes(method) || seen.has(`${method} ${text}`)) return undefined;
    seen.add(`${method} ${text}`);
    lost += 1;
    return 'drop';
  });
  return () => lost;
}

/** a is primary, b backup, c idle. */
async function inCluster(body: (cluster: SimulatedCluster, ask: Ask) => Promise<void>): Promise<void> {
  const cluster = new SimulatedCluster({ seed: 'http', servers: ['a', 'b', 'c'] });
  await cluster.world.run(async () => {
    await cluster.start();
    const ask: Ask = async (server, target, request = {}) => {
      const answer = await cluster.world.network.page(`${server}:1`, target, request);
      if (answer === undefined) throw new Error(`no page ${target}`);
      return answer;
    };
    await body(cluster, ask);
    await cluster.close();
    expect(cluster.untidiness).to.deep.equal([]);
  });
}

type Ask = (server: string, target: string, request?: Partial<Visit>) => Promise<PageAnswer>;

const nameIn = ({ body }: PageAnswer): unknown =>
  (body as { error?: { data?: { name?: string } } } | undefined)?.error?.data?.name;

describe('requests that a server passes on', () => {
  const creates = { method: 'PUT', headers: { 'if-none-match': '*' } };

  it('are done once, though their replies are lost: a repeated one would find its own work in the way', () =>
    inCluster(async (cluster, ask) => {
      const lost = loseFirstReplies(cluster, ['kv.cas', 'kv.put', 'kv.delete']);
      for (const server of ['b', 'c']) {
        const created = await ask(server, `/kv/${server}`, { ...creates, body: 'x' });
        expect(created.status).to.equal(200);
        expect((await ask(server, `/kv/${server}`, { ...creates, body: 'y' })).status).to.equal(412);
        expect((await ask(server, `/kv/${server}`)).headers).to.deep.equal(created.headers);
        expect((await ask(server, `/kv/${server}`, { method: 'DELETE' })).status).to.equal(204);
        expect((await ask(server, `/kv/${server}`, { method: 'DELETE' })).status).to.equal(404);
      }
      expect(lost()).to.be.greaterThan(6);
      expect(cluster.server('a').status().counters.duplicatesAnswered).to.equal(lost());
    }));

  it('are done once, though the primary dies with the reply', () =>
    inCluster(async (cluster, ask) => {
      const fatal = cluster.world.network.intercept(({ kind, method }): Verdict => {
        if (kind !== 'reply' || method !== 'kv.cas' || !cluster.servers.has('a')) return undefined;
        cluster.crash('a');
        return 'drop';
      });
      const created = await ask('c', '/kv/k', { ...creates, body: 'x' });
      expect([created.status, cluster.primary]).to.deep.equal([200, 'b']);
      expect(cluster.server('b').status().counters.duplicatesAnswered).to.equal(1);
      fatal.remove();
    }));

  it('are done by the server itself when it is primary, and by its heir when it stops being that', () =>
    inCluster(async (cluster, ask) => {
      const calls = () =>
        cluster.world.network.trace.entries.filter(({ message }) => message.method === 'kv.put').length;
      expect((await ask('a', '/kv/k', { method: 'PUT', body: 'x' })).status).to.equal(200);
      expect(calls()).to.equal(0);
      cluster.world.network.cut('a', 'm');
      await cluster.until(() => cluster.primary === 'b' && cluster.inSync, 'b to be primary');
      expect((await ask('a', '/kv/k', { method: 'PUT', body: 'y' })).status).to.equal(200);
      expect(calls()).to.be.greaterThan(0);
      cluster.world.network.heal();
    }));

  it('go on while no monitor answers', () =>
    inCluster(async (cluster, ask) => {
      await cluster.world.runFor(200); // c has heard the view
      cluster.world.process('m').crash();
      for (const server of ['a', 'b', 'c'])
        expect((await ask(server, `/kv/${server}`, { method: 'PUT', body: 'x' })).status, server).to.equal(200);
      expect((await ask('c', '/cluster/status')).status).to.equal(503);
      await cluster.restartMonitor();
    }));

  it('end in time, with the truth: certainly not done where none was sent', () =>
    inCluster(async (cluster, ask) => {
      cluster.world.network.cut('a', 'c');
      cluster.world.network.cut('b', 'c');
      const begun = cluster.world.now;
      const lost = await ask('c', '/kv/k?timeout=700', { method: 'PUT', body: 'x' });
      expect([lost.status, nameIn(lost)]).to.deep.equal([504, 'TIMEOUT']);
      expect(cluster.world.now - begun).to.be.within(690, 710);
      const read = await ask('c', '/kv/k?timeout=300');
      expect(read).to.have.nested.property('body.error.data.definite', true);
      cluster.world.network.heal();
      expect((await ask('c', '/kv/k')).status).to.equal(404);
    }));

  it('end when whoever asked has gone', () =>
    inCluster(async (cluster, ask) => {
      cluster.world.network.cut('a', 'c');
      const gone = new AbortController();
      const asking = ask('c', '/kv/k', { method: 'PUT', body: 'x', signal: gone.signal });
      await cluster.world.runFor(50);
      gone.abort();
      expect(nameIn(await asking)).to.equal('ABORTED');
      cluster.world.network.heal();
    }));

  it('end when the server does, and later ones are refused', () =>
    inCluster(async (cluster, ask) => {
      cluster.world.network.cut('a', 'c');
      const asking = ask('c', '/kv/k', { method: 'PUT', body: 'x' });
      await cluster.world.runFor(50);
      const server = cluster.server('c');
      const begun = cluster.world.now;
      await server.close();
      cluster.servers.delete('c');
      const answer = await asking;
      expect([answer.status, nameIn(answer)]).to.deep.equal([503, 'CLOSED']);
      expect(cluster.world.now - begun).to.be.within(1_000, 1_200);
      cluster.world.network.heal();
    }));

  it('are read from what the server holds, though nobody else is there', () =>
    inCluster(async (cluster, ask) => {
      await ask('b', '/kv/k', { method: 'PUT', body: 'x' });
      await cluster.world.runFor(200);
      cluster.crash('a');
      cluster.crash('c');
      cluster.world.process('m').crash();
      expect((await ask('b', '/kv/k?consistency=sequential')).body).to.equal('x');
      expect((await ask('b', '/kv/k?timeout=300')).status).to.equal(504);
      await cluster.restartMonitor();
    }));

  it('are not more than the server can hold', () =>
    inCluster(async (cluster, ask) => {
      cluster.world.network.cut('a', 'c');
      const body = 'x'.repeat(2 ** 20);
      const asking = Array.from({ length: 70 }, () => ask('c', '/kv/k?timeout=1000', { method: 'PUT', body }));
      const statuses = (await Promise.all(asking)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 503)).to.have.length(6);
      expect(statuses.filter((status) => status === 504)).to.have.length(64);
      cluster.world.network.heal();
    }));

  it('get their answers though the server that was asked leaves, and is primary', () =>
    inCluster(async (cluster, ask) => {
      await cluster.world.runFor(200);
      const asking = Array.from({ length: 20 }, (_, at) => ask('a', `/kv/${at}`, { ...creates, body: 'x' }));
      const leaving = cluster.server('a').close();
      asking.push(...Array.from({ length: 20 }, (_, at) => ask('a', `/kv/late-${at}`, { ...creates, body: 'x' })));
      const statuses = (await Promise.all(asking)).map(({ status }) => status);
      expect(new Set(statuses)).to.deep.equal(new Set([200]));
      await leaving;
      cluster.servers.delete('a');
      expect(cluster.primary).to.equal('b');
    }));

  it('outlast a failover at real servers, each written once', async () => {
    await using cluster = await startCluster({ servers: 3, backups: 1, pingInterval: 30 });
    const others = cluster.servers.map(({ address }) => address).filter((address) => address !== cluster.primary);
    let isOver = false;
    const writer = async (server: string, name: string): Promise<number> => {
      let count = 0;
      for (; !isOver || count < 20; count++) {
        const response = await put(`http://${server}/kv/${name}-${count}`, `${count}`, { 'If-None-Match': '*' });
        expect(response.status, `${name} ${count}: ${await response.text()}`).to.equal(200);
      }
      return count;
    };
    const writing = Promise.all(others.flatMap((server, at) => [writer(server, `x${at}`), writer(server, `y${at}`)]));
    const killed = cluster.primary;
    await cluster.kill('primary');
    await cluster.waitUntilInSync();
    isOver = true;
    const counts = await writing;
    expect(cluster.primary).not.to.equal(killed);
    const { entries } = await cluster.client().scanPage({ limit: 1_000 });
    expect(entries.length).to.equal(
      Math.min(
        1_000,
        counts.reduce((sum, count) => sum + count),
      ),
    );
  });
});

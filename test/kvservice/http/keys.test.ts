/** Keys over plain HTTP, at real servers of every role: whoever is asked answers the same. */
import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { failureIn, put, request, tagOf } from './requests.ts';

describe('keys over HTTP', () => {
  let cluster: Cluster;
  /** One address of each role. */
  let roles: { readonly primary: string; readonly backup: string; readonly idle: string };

  before(async () => {
    cluster = await startCluster({ servers: 3, backups: 1, pingInterval: 50 });
    const [backup = ''] = cluster.backups;
    const { primary } = cluster;
    const idle = cluster.servers.find(({ address }) => address !== primary && address !== backup)?.address ?? '';
    roles = { primary, backup, idle };
  });
  after(() => cluster.close());

  for (const role of ['primary', 'backup', 'idle'] as const) {
    describe(`at a server that is ${role}`, () => {
      const url = (path: string): string => `http://${roles[role]}${path}`;

      it('are put, got, looked at and deleted', async () => {
        const written = await put(url('/kv/greeting'), 'hällo\n😀');
        const { revision } = (await written.json()) as { revision: number };
        expect([written.status, tagOf(written)]).to.deep.equal([200, `"${revision}"`]);

        const got = await fetch(url('/kv/greeting'));
        expect([got.status, tagOf(got), await got.text()]).to.deep.equal([200, `"${revision}"`, 'hällo\n😀']);
        expect(got.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
        const looked = await fetch(url('/kv/greeting'), { method: 'HEAD' });
        expect([looked.status, tagOf(looked), await looked.text()]).to.deep.equal([200, `"${revision}"`, '']);

        const deleted = await fetch(url('/kv/greeting'), { method: 'DELETE' });
        expect([deleted.status, await deleted.text()]).to.deep.equal([204, '']);
        for (const method of ['GET', 'DELETE']) {
          expect(await failureIn(fetch(url('/kv/greeting'), { method }))).to.deep.equal([404, 'KEY_NOT_FOUND', true]);
        }
      });

      it('have any name', async () => {
        for (const key of ['a/b', 'a b', 'é😀', '?&=#%', '__proto__', '\u0000', 'x'.repeat(1_024)]) {
          expect((await put(url(`/kv/${encodeURIComponent(key)}`), key)).status, key).to.equal(200);
          expect(await cluster.client().get(key)).to.equal(key);
          expect(await (await fetch(url(`/kv/${encodeURIComponent(key)}`))).text()).to.equal(key);
        }
        expect(await (await fetch(url('/kv/a/b'))).text()).to.equal('a/b');
      });

      it('have any value up to a megabyte', async () => {
        for (const value of ['', 'x'.repeat(1_048_576), '\uFEFFa\r\n']) {
          expect((await put(url('/kv/value'), value)).status).to.equal(200);
          expect(await cluster.client().get('value')).to.equal(value);
        }
      });

      it('are read at once by others', async () => {
        const others = [roles.primary, roles.backup, roles.idle];
        for (let round = 0; round < 5; round++) {
          await put(url('/kv/shared'), `${role} ${round}`);
          for (const other of others)
            expect(await (await fetch(`http://${other}/kv/shared`)).text()).to.equal(`${role} ${round}`);
        }
      });

      it('are changed under a condition, and only under it', async () => {
        const key = url('/kv/conditional');
        await fetch(key, { method: 'DELETE' });
        expect(await failureIn(put(key, 'x', { 'If-Match': '*' }))).to.deep.equal([412, 'PRECONDITION_FAILED', true]);
        const first = tagOf(await put(key, 'one', { 'If-None-Match': '*' }));
        expect(await failureIn(put(key, 'x', { 'If-None-Match': '*' }))).to.deep.equal([
          412,
          'PRECONDITION_FAILED',
          true,
        ]);
        const second = tagOf(await put(key, 'two', { 'If-Match': first }));
        // Back to the first value: a comparison of values would not notice.
        const third = tagOf(await put(key, 'one', { 'If-Match': second }));
        expect(new Set([first, second, third]).size).to.equal(3);
        const late = await put(key, 'x', { 'If-Match': first });
        const { error } = (await late.json()) as { error: { data: object } };
        expect([late.status, error.data]).to.deep.equal([
          412,
          { name: 'PRECONDITION_FAILED', definite: true, revision: Number(third.slice(1, -1)) },
        ]);
        expect((await put(key, 'three', { 'If-Match': `"5", ${third}` })).status).to.equal(200);
        expect((await put(key, 'four', { 'If-None-Match': third })).status).to.equal(200);
        expect((await put(key, 'five', { 'If-Match': '*' })).status).to.equal(200);
        expect(await cluster.client().get('conditional')).to.equal('five');
        const remove = (tag: string) => fetch(key, { method: 'DELETE', headers: { 'If-Match': tag } });
        expect(await failureIn(remove(third))).to.deep.equal([412, 'PRECONDITION_FAILED', true]);
        expect((await remove(tagOf(await fetch(key)))).status).to.equal(204);
        expect(await failureIn(remove('*'))).to.deep.equal([412, 'PRECONDITION_FAILED', true]);
        const absent = fetch(key, { method: 'DELETE', headers: { 'If-None-Match': first } });
        expect(await failureIn(absent)).to.deep.equal([404, 'KEY_NOT_FOUND', true]);
      });

      it('are got only if they changed', async () => {
        const key = url('/kv/cached');
        const tag = tagOf(await put(key, 'v'));
        const get = (headers: Record<string, string>) => fetch(key, { headers });
        for (const known of [tag, `W/${tag}`, `"1", ${tag}`, '*']) {
          const response = await get({ 'If-None-Match': known });
          expect([response.status, tagOf(response), await response.text()], known).to.deep.equal([304, tag, '']);
        }
        expect((await get({ 'If-None-Match': '"1"' })).status).to.equal(200);
        expect((await get({ 'If-Match': tag })).status).to.equal(200);
        expect(await failureIn(get({ 'If-Match': '"1"' }))).to.deep.equal([412, 'PRECONDITION_FAILED', true]);
        expect(await failureIn(get({ 'If-Match': `W/${tag}` }))).to.deep.equal([412, 'PRECONDITION_FAILED', true]);
        expect(await failureIn(get({ 'If-None-Match': 'v1' }))).to.deep.equal([400, 'INVALID_PARAMS', true]);
      });

      it('are listed page by page', async () => {
        const keys = Array.from({ length: 7 }, (_, at) => `page & ${at} é`);
        for (const key of keys) await put(url(`/kv/${encodeURIComponent(key)}`), `value of ${key}`);
        const seen: string[] = [];
        let next: string | undefined = '/kv?prefix=page+%26&limit=3';
        const sizes: number[] = [];
        while (next !== undefined) {
          const response: Response = await fetch(url(next));
          const page = (await response.json()) as Page;
          expect(page.more).to.equal(page.next !== undefined);
          sizes.push(page.entries.length);
          for (const { key, value, revision } of page.entries) {
            expect(value).to.equal(`value of ${key}`);
            expect(revision).to.be.greaterThan(0);
            seen.push(key);
          }
          next = page.next;
        }
        expect([seen, sizes]).to.deep.equal([keys, [3, 3, 1]]);
        const nothing = await fetch(url('/kv?prefix=nothing-like-it'));
        expect(await nothing.json()).to.deep.equal({ entries: [], more: false });
      });

      it('are read where one stands, when that is enough', async () => {
        const { revision } = (await (await put(url('/kv/near'), 'by')).json()) as { revision: number };
        const query = `consistency=sequential&atLeast=${revision}`;
        const got = await fetch(url(`/kv/near?${query}`));
        expect([got.status, tagOf(got), await got.text()]).to.deep.equal([200, `"${revision}"`, 'by']);
        const list = await fetch(url(`/kv?prefix=near&${query}`));
        expect(await list.json()).to.deep.equal({ entries: [{ key: 'near', value: 'by', revision }], more: false });
      });

      it('are never read with less than was asked for: the read waits until its time is over (L5)', async () => {
        const { revision } = (await (await put(url('/kv/near'), 'by')).json()) as { revision: number };
        for (const consistency of ['sequential', 'linearizable']) {
          const query = `consistency=${consistency}&timeout=700&atLeast=`;
          expect((await fetch(url(`/kv/near?${query}${revision}`))).status).to.equal(200);
          for (const path of ['/kv/near?', '/kv?prefix=near&']) {
            const ahead = await failureIn(fetch(url(`${path}${query}${revision + 1_000}`)));
            expect(ahead).to.deep.equal([504, 'TIMEOUT', true]);
          }
        }
      });

      const wrong: readonly (readonly [string, string, number, string])[] = [
        ['GET', '/kv/', 400, 'INVALID_PARAMS'],
        ['DELETE', '/kv/', 400, 'INVALID_PARAMS'],
        ['GET', `/kv/${'x'.repeat(1_025)}`, 413, 'TOO_LARGE'],
        ['GET', '/kv/a?consistency=eventual', 400, 'INVALID_PARAMS'],
        ['GET', '/kv/a?consistancy=sequential', 400, 'INVALID_PARAMS'],
        ['GET', '/kv/a?timeout=0', 400, 'INVALID_PARAMS'],
        ['GET', '/kv/a?atLeast=-1', 400, 'INVALID_PARAMS'],
        ['DELETE', '/kv/a?consistency=sequential', 400, 'INVALID_PARAMS'],
        ['GET', '/kv?limit=0', 400, 'INVALID_PARAMS'],
        ['GET', '/kv?limit=ten', 400, 'INVALID_PARAMS'],
        ['GET', '/kv?prefix=%ff', 400, 'INVALID_PARAMS'],
        ['GET', '/kv/%c3', 400, 'INVALID_PARAMS'],
        ['POST', '/kv/a', 405, 'INVALID_REQUEST'],
        ['PUT', '/kv', 405, 'INVALID_REQUEST'],
      ];
      for (const [method, path, status, name] of wrong) {
        it(`${method} ${path.slice(0, 40)}: ${status} ${name}`, async () => {
          expect(await failureIn(fetch(url(path), { method }))).to.deep.equal([status, name, true]);
        });
      }

      it('are not for web pages, nor for those who are fooled about whom they ask', async () => {
        const text = 'Content-Type: text/plain';
        for (const [headers, status] of [
          [['Host: evil.example', text], 403],
          [['Host: localhost', text, 'Origin: http://evil.example'], 403],
          [['Host: localhost', 'Host: localhost', text], 400],
          [['Host: localhost'], 415],
          [['Host: localhost', 'Content-Type: application/x-www-form-urlencoded'], 415],
        ] as const) {
          const refused = await request(roles[role], { method: 'PUT', path: '/kv/forbidden', body: 'x', headers });
          expect(refused.status, headers.join()).to.equal(status);
        }
        const tooLarge = put(url('/kv/forbidden'), 'x'.repeat(1_048_577));
        expect(await failureIn(tooLarge)).to.deep.equal([413, 'TOO_LARGE', true]);
        expect(await cluster.client().get('forbidden')).to.equal(undefined);
      });
    });
  }

  it('at the monitor: shows the way to the primary, with method and body', async () => {
    const url = `http://${cluster.monitor}/kv/from%20the%20monitor?timeout=5000`;
    const way = await fetch(url, { redirect: 'manual' });
    const to = `http://${roles.primary}/kv/from%20the%20monitor?timeout=5000`;
    expect([way.status, way.headers.get('location')]).to.deep.equal([307, to]);
    expect((await put(url, 'followed')).status).to.equal(200);
    expect(await (await fetch(url)).text()).to.equal('followed');
    expect(await (await fetch(`http://${cluster.monitor}/kv?prefix=from`)).json()).to.have.nested.property(
      'entries[0].value',
      'followed',
    );
  });

  it('may be used by many at once', async () => {
    const servers = [roles.primary, roles.backup, roles.idle];
    const writes = Array.from({ length: 300 }, (_, at) => put(`http://${servers[at % 3]}/kv/many-${at}`, `${at}`));
    const revisions = await Promise.all(
      (await Promise.all(writes)).map(async (response) => ((await response.json()) as { revision: number }).revision),
    );
    expect(new Set(revisions).size).to.equal(300);
    const { entries } = await cluster.client().scanPage({ prefix: 'many-', limit: 1_000 });
    expect(entries).to.have.length(300);
  });
});

interface Page {
  readonly entries: readonly { readonly key: string; readonly value: string; readonly revision: number }[];
  readonly more: boolean;
  readonly next?: string;
}

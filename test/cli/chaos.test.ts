/** `understudy up --chaos`: the control with real processes, and that nobody else gets at it. */
import type { ChaosNode, ChaosState, Hello, MonitorSample } from '@understudy/dashboard';
import type { MonitorStatus } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { brought } from '../dashboard/events.ts';
import { CommandProcess, eventually, runHere } from './command.ts';

describe('understudy up --chaos', function () {
  this.timeout(60_000);

  /** What the feed of a node has brought so far. */
  async function listen(address: string) {
    const end = new AbortController();
    const response = await fetch(`http://${address}/events`, { signal: end.signal });
    let text = '';
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    };
    void read().catch(() => {}); // when it is ended
    await eventually('hello', () => brought(text, 'hello').length > 0);
    return {
      hello: brought(text, 'hello')[0] as Hello,
      views: () =>
        brought(text, 'notice')
          .filter(({ notice }) => notice.kind === 'view')
          .map((notice) => notice.text),
      deeds: () => brought(text, 'notice').map((notice) => notice.text),
      status: () => (brought(text, 'sample').at(-1) as MonitorSample | undefined)?.status as MonitorStatus | undefined,
      end: () => end.abort(),
    };
  }

  it('kills, starts again, pauses and cuts off what it started, and puts load on it, for pages of this cluster', async () => {
    await using up = new CommandProcess('up', '--port', '0', '--servers', '2', '--chaos');
    const [, monitor = ''] =
      /http:\/\/(.+)\/$/.exec(await up.line((line) => line.startsWith('dashboard '), 'errors')) ?? [];
    const news = await listen(monitor);
    const { chaos = '', nodes } = news.hello;
    await eventually('both servers', () => news.status()?.servers.length === 2);
    const [primary = '', backup = ''] = news.status()?.servers.map(({ server }) => server) ?? [];
    await eventually(
      'a backup in sync',
      () => news.status()?.acknowledged === true && news.status()?.view.backups[0] === backup,
    );
    const control = await listen(chaos);
    expect([control.hello.kind, nodes]).to.deep.equal(['control', [monitor, ...nodes.slice(1)]]);

    const put = (path: string, origin = monitor): Promise<Response> => {
      const headers = { 'Content-Type': 'text/plain', Origin: `http://${origin}` };
      return fetch(`http://${chaos}/chaos/${path}`, { method: 'PUT', headers });
    };
    const node = async (response: Response, address: string): Promise<ChaosNode | undefined> => {
      expect([response.status, response.headers.get('access-control-allow-origin')]).to.deep.equal([
        200,
        `http://${monitor}`,
      ]);
      return ((await response.json()) as ChaosState).nodes.find((each) => each.node === address);
    };

    await put('load?rate=200');
    const cut = await node(await put(`cut?node=${primary}&from=monitor`), primary);
    expect(cut?.cutFrom).to.deep.equal(['monitor']);
    await eventually('the backup takes over', () => news.status()?.view.primary === backup);
    await put(`heal?node=${primary}`);
    await eventually(
      'it joins again',
      () => news.status()?.view.backups[0] === primary && news.status()?.acknowledged === true,
    );

    expect(await node(await put(`kill?node=${backup}`), backup)).to.include({ state: 'dead', pid: 0 });
    await eventually('the other takes over again', () => news.status()?.view.primary === primary);
    expect(await node(await put(`restart?node=${backup}`), backup)).to.include({ state: 'running' });
    await eventually(
      'a new backup',
      () => news.status()?.view.backups[0] === backup && news.status()?.acknowledged === true,
    );

    expect(await node(await put(`pause?node=${backup}`), backup)).to.include({ state: 'paused' });
    await eventually('it is silent', () => news.status()?.servers.some(({ condition }) => condition === 'silent'));
    expect(await node(await put(`resume?node=${backup}`), backup)).to.include({ state: 'running' });
    const { load } = (await (await put('load?rate=0')).json()) as ChaosState;
    expect([load.rate, load.done > 100]).to.deep.equal([0, true]);
    expect(control.deeds()).to.include.members([`kill -9 ${backup}`, `${backup} has ended`, `kill -STOP ${backup}`]);
    expect(news.views().join('\n')).to.match(new RegExp(`primary ${backup}, .* silent for`));

    const refused: readonly (readonly [string, number, RegExp])[] = [
      [`resume?node=${backup}`, 400, /is running: it cannot be resumed/],
      ['kill?node=127.0.0.1:1', 400, /^node: one of /],
      ['kill', 400, /^node: one of /],
      [`cut?node=${monitor}&from=monitor`, 400, /from the servers only/],
      [`cut?node=${backup}&from=nobody`, 400, /^from: /],
      ['load?rate=1e9', 400, /^rate: /],
      ['load', 400, /^rate: /],
      ['explode', 404, /no action "explode"/],
    ];
    for (const [path, status, message] of refused) {
      const response = await put(path);
      const { error } = (await response.json()) as { readonly error: { readonly message: string } };
      expect(response.status, path).to.equal(status);
      expect(error.message).to.match(message);
    }
    expect((await put(`kill?node=${backup}`, 'evil.example')).status).to.equal(403);
    expect((await fetch(`http://${chaos}/chaos/kill?node=${backup}`, { method: 'PUT' })).status).to.equal(415);
    expect(
      (await node(await fetch(`http://${chaos}/chaos`, { headers: { Origin: `http://${monitor}` } }), backup))?.state,
    ).to.equal('running');

    for (const each of [news, control]) each.end();
    up.signal('SIGINT');
    expect(await up.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('is offered to nobody else', async () => {
    const alone = await runHere('server', '--listen', '0', '--monitor', '127.0.0.1:1', '--control', '127.0.0.1:2');
    expect([alone.code, alone.stderr]).to.deep.equal([
      2,
      'understudy: --control is for processes that `understudy up --chaos` starts\n',
    ]);
    const without = await runHere('up', '--chaos', '--no-dashboard');
    expect([without.code, without.stderr]).to.deep.equal([2, 'understudy: --chaos is a part of the web page\n']);
    expect((await runHere('monitor', '--help')).stdout).not.to.include('--control');
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0');
    const address = await monitor.address();
    for (const path of ['/chaos', '/chaos/kill'])
      expect((await fetch(`http://${address}${path}`)).status).to.equal(404);
    const news = await listen(address);
    expect(news.hello).not.to.have.property('chaos');
    news.end();
  });
});

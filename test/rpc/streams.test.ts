/** Pages that go on: what a reader gets, and what becomes of the page when he is gone, late, or slow. */
import { type Listener, type PageOutlet, type Pages, realWorld, type World } from '@understudy/rpc';
import { expect } from 'chai';
import { httpRequest } from './support/http.ts';
import { RawConnection } from './support/raw-connection.ts';

interface Stream {
  readonly outlet: PageOutlet;
  readonly signal: AbortSignal;
}

describe('a page that goes on', () => {
  let world: World;
  let listener: Listener;
  let streams: Stream[];

  beforeEach(async () => {
    streams = [];
    const pages: Pages = {
      '/stream': ({ signal }) => ({
        status: 200,
        headers: { 'Content-Type': 'text/event-stream' },
        stream: (outlet) => streams.push({ outlet, signal }),
      }),
    };
    world = realWorld({ limits: { maxUnsentBytes: 64 * 1024, lingerMs: 50 } });
    listener = await world.transport.listen({ address: '127.0.0.1:0', methods: {}, pages });
  });
  afterEach(() => listener.close());

  const ask = (init: RequestInit = {}): Promise<Response> => fetch(`http://${listener.address}/stream`, init);
  const aborted = ({ signal }: Stream): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });

  it('sends its headers at once, and what it says when it says it', async () => {
    const response = await ask();
    expect([response.status, response.headers.get('content-type')]).to.deep.equal([200, 'text/event-stream']);
    expect(response.headers.get('cache-control')).to.equal('no-store');
    const reader = response.body?.getReader();
    const [stream] = streams as [Stream];
    for (const text of ['one', 'zwölf']) {
      stream.outlet.write(text);
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).to.equal(text);
    }
    expect(stream.signal.aborted).to.equal(false);
    stream.outlet.end();
    expect((await reader?.read())?.done).to.equal(true);
    await aborted(stream);
    stream.outlet.write('to nobody');
    stream.outlet.end();
  });

  it('does not begin for HEAD', async () => {
    const response = await ask({ method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).to.deep.equal([200, 'text/event-stream']);
    expect(streams).to.deep.equal([]);
  });

  it('hears that its reader has gone', async () => {
    const leave = new AbortController();
    const response = await ask({ signal: leave.signal });
    leave.abort();
    await aborted(streams[0] as Stream);
    await response.text().catch(() => {});
  });

  it('ends with the listener', async () => {
    const response = await ask();
    streams[0]?.outlet.write('last words');
    await Promise.all([listener.close(), aborted(streams[0] as Stream)]);
    expect(await response.text().catch(() => 'cut off')).to.be.oneOf(['last words', 'cut off']);
  });

  it('gives up a reader who leaves too much unread, and keeps no more of it than that', async () => {
    const connection = await RawConnection.open(listener.address);
    connection.say(httpRequest({ method: 'GET', path: '/stream' }));
    while (streams.length === 0) await new Promise((resolve) => setImmediate(resolve));
    connection.socket.pause();
    const { outlet, signal } = streams[0] as Stream;
    const text = 'x'.repeat(16 * 1024);
    let most = 0;
    // What the machine itself holds for a connection is some megabytes.
    for (let written = 0; !signal.aborted && written < 4_000; written++) {
      outlet.write(text);
      most = Math.max(most, outlet.unsentBytes);
      if (written % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await aborted(streams[0] as Stream);
    expect(most).to.be.within(64 * 1024, 64 * 1024 + 2 * text.length);
    connection.close();
  });
});

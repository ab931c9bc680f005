/** JSON-RPC over HTTP and pages: what decent clients see, and what a web page cannot do. */
import { hostname } from 'node:os';
import { expect } from 'chai';
import { httpRequest, readResponse, sayHttp } from './support/http.ts';
import { RawConnection } from './support/raw-connection.ts';
import { type Service, startService } from './support/service.ts';

const ECHO = '{"jsonrpc":"2.0","id":1,"method":"test.echo","params":{"n":1}}';
const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{"n":1}}';

describe('HTTP', () => {
  let service: Service;
  before(async () => {
    service = await startService();
  });
  after(() => service.close());
  afterEach(() => service.expectOthersUnharmed());

  const post = (body: string, headers?: readonly string[]): Promise<{ status: number; body: string }> =>
    sayHttp(service.address, httpRequest({ body, ...(headers === undefined ? {} : { headers }) }));

  it('answers a POST, with headers that no page can misread', async () => {
    const { status, headers, body } = await sayHttp(service.address, httpRequest({ body: ECHO }));
    expect([status, body]).to.deep.equal([200, ANSWER]);
    expect(headers).to.include({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.to.have.property('access-control-allow-origin');
  });

  it('answers fetch', async () => {
    const response = await fetch(`http://${service.address}/rpc`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify([JSON.parse(ECHO), { jsonrpc: '2.0', id: 'é😀', method: 'test.echo' }]),
    });
    expect(await response.json()).to.deep.equal([JSON.parse(ANSWER), { jsonrpc: '2.0', id: 'é😀', result: {} }]);
  });

  it('keeps the connection for further requests, and answers pipelined ones in order', async () => {
    const connection = await RawConnection.open(service.address);
    for (let id = 1; id <= 3; id++) {
      connection.say(httpRequest({ body: JSON.stringify({ jsonrpc: '2.0', id, method: 'test.echo' }) }));
    }
    let at = 0;
    for (let id = 1; id <= 3; id++) {
      const { body } = await readResponse(connection, at);
      expect(JSON.parse(body)).to.deep.equal({ jsonrpc: '2.0', id, result: {} });
      at = connection.received.indexOf(body, at) + body.length;
    }
    connection.say(httpRequest({ method: 'GET', path: '/status' }));
    expect((await readResponse(connection, at)).body).to.equal('{"fine":true}');
    connection.close();
  });

  it('takes a body that comes in chunks, and bytes that come one by one', async () => {
    const chunked = [
      'POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      ...[ECHO.slice(0, 20), ECHO.slice(20)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`),
      '0\r\n\r\n',
    ].join('');
    const connection = await RawConnection.open(service.address);
    for (const byte of Buffer.from(chunked)) {
      connection.say(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await readResponse(connection)).body).to.equal(ANSWER);
    connection.close();
  });

  it('takes eight million bytes', async () => {
    const text = 'x'.repeat(8_000_000);
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'test.echo', params: { text } });
    const response = await fetch(`http://${service.address}/rpc`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    expect(await response.json()).to.deep.equal({ jsonrpc: '2.0', id: 1, result: { text } });
  });

  it('answers notifications with 204 and nothing', async () => {
    const before = service.noted.length;
    const note = '{"jsonrpc":"2.0","method":"test.note","params":{"n":1}}';
    for (const body of [note, `[${note},${note}]`]) {
      const { status, headers, body: text } = await sayHttp(service.address, httpRequest({ body }));
      expect([status, text]).to.deep.equal([204, '']);
      expect(headers).not.to.have.property('content-type');
    }
    expect(service.noted.length - before).to.equal(3);
  });

  it('answers a batch of both with the answers that are due', async () => {
    const { body } = await post(`[{"jsonrpc":"2.0","method":"test.note"},${ECHO}]`);
    expect(body).to.equal(`[${ANSWER}]`);
  });

  it('shows pages with the status that they give, to GET and HEAD', async () => {
    const status = await sayHttp(service.address, httpRequest({ method: 'GET', path: '/status?verbose=1' }));
    expect([status.status, status.body]).to.deep.equal([200, '{"fine":true}']);
    const health = await sayHttp(service.address, httpRequest({ method: 'GET', path: '/health' }));
    expect([health.status, health.body]).to.deep.equal([503, '{"serves":false}']);
    const response = await fetch(`http://${service.address}/status`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length'), await response.text()]).to.deep.equal([
      200,
      '13',
      '',
    ]);
  });

  it('shows nothing of a defect in a page', async () => {
    const { status, body } = await sayHttp(service.address, httpRequest({ method: 'GET', path: '/defect' }));
    expect(status).to.equal(500);
    expect(body).to.equal(
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error","data":{"name":"INTERNAL_ERROR","definite":false}}}',
    );
    expect(service.defects.map(String)).to.include('TypeError: a secret page');
  });

  it('answers a failure of a page with its status and its error object', async () => {
    const response = await fetch(`http://${service.address}/refused`);
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '2']);
    const data = { retryAfterMs: 1_200, name: 'OVERLOADED', definite: true };
    const error = { code: -32005, message: 'too much to do', data };
    expect(await response.json()).to.deep.equal({ jsonrpc: '2.0', id: null, error });
  });

  describe('a folder', () => {
    const things = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`http://${service.address}/things/${path}`, init);
    const put = (body: string | Uint8Array<ArrayBuffer>, type?: string): Promise<Response> =>
      things('a', { method: 'PUT', body, headers: type === undefined ? {} : { 'Content-Type': type } });

    it('has every path below it, percent-decoded, with its query and headers', async () => {
      const response = await things('a%2Fb/%C3%A9%20?x=%26+1&y&=z', { headers: { Mark: 'm' } });
      expect(await response.json()).to.deep.equal({
        method: 'GET',
        rest: 'a/b/é ',
        query: { x: '& 1', y: '', '': 'z' },
        mark: 'm',
      });
      expect((await things('')).status).to.equal(200);
      expect((await fetch(`http://${service.address}/things`)).status).to.equal(404);
      expect((await fetch(`http://${service.address}/other/things/`)).status).to.equal(404);
    });

    for (const target of ['%', '%zz', '%ff', 'a?x=%', 'a?x=%c3', 'a?x=1&x=2']) {
      it(`refuses ${target}`, async () => {
        const { status, body } = await sayHttp(
          service.address,
          httpRequest({ method: 'GET', path: `/things/${target}` }),
        );
        expect([status, JSON.parse(body).error.data.name]).to.deep.equal([400, 'INVALID_PARAMS']);
      });
    }

    it('refuses bytes beyond ASCII: nobody says what they mean', async () => {
      const request = Buffer.from('GET /things/é HTTP/1.1\r\nHost: localhost\r\n\r\n', 'utf8');
      const connection = await RawConnection.open(service.address);
      connection.say(request);
      expect((await readResponse(connection)).status).to.equal(400);
      connection.close();
    });

    it('takes what is put, as UTF-8 text', async () => {
      const response = await put('é😀\u0000\n', 'text/plain; charset="UTF-8"');
      expect([response.status, response.headers.get('etag'), await response.text()]).to.deep.equal([
        201,
        '"7"',
        'é😀\u0000\n',
      ]);
      expect(response.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
      expect(response.headers.get('x-content-type-options')).to.equal('nosniff');
      expect(service.noted.at(-1)).to.deep.equal({ rest: 'a', body: 'é😀\u0000\n' });
    });

    it('answers without a body where there is none', async () => {
      const { status, headers, body } = await sayHttp(
        service.address,
        httpRequest({ method: 'DELETE', path: '/things/a' }),
      );
      expect([status, body]).to.deep.equal([204, '']);
      expect(headers).not.to.have.property('content-type');
      expect((await things('a', { method: 'HEAD' })).headers.get('content-length')).to.equal('38');
    });

    it('takes nothing else', async () => {
      const before = service.noted.length;
      expect((await put(Uint8Array.of(0xff), 'text/plain')).status).to.equal(400);
      expect((await put('x', 'text/plain; charset=latin1')).status).to.equal(415);
      expect((await put('x', 'application/x-www-form-urlencoded')).status).to.equal(415);
      expect((await put(Uint8Array.of(0x61))).status).to.equal(415);
      expect((await put('x'.repeat(9_000_000), 'text/plain')).status).to.equal(413);
      const post = await things('a', { method: 'POST', body: 'x' });
      expect([post.status, post.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD, PUT, DELETE']);
      const headers = { Origin: 'http://evil.example', 'Content-Type': 'text/plain' };
      expect((await things('a', { method: 'PUT', body: 'x', headers })).status).to.equal(403);
      const strange = httpRequest({
        method: 'PUT',
        path: '/things/a',
        body: 'x',
        headers: ['Host: evil.example', 'Content-Type: text/plain'],
      });
      expect((await sayHttp(service.address, strange)).status).to.equal(403);
      expect(service.noted.length).to.equal(before);
    });

    it('says when whoever asked has gone', async () => {
      const connection = await RawConnection.open(service.address);
      connection.say(httpRequest({ method: 'GET', path: '/waiting' }));
      while (service.waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      connection.close();
      while (service.waiting[0]?.aborted !== true) await new Promise((resolve) => setImmediate(resolve));
    });
  });

  it('names the methods that a path takes', async () => {
    const rpc = await sayHttp(service.address, httpRequest({ method: 'GET' }));
    expect([rpc.status, rpc.headers.allow]).to.deep.equal([405, 'POST']);
    const page = await sayHttp(service.address, httpRequest({ method: 'DELETE', path: '/status' }));
    expect([page.status, page.headers.allow]).to.deep.equal([405, 'GET, HEAD']);
  });

  const contentTypes: readonly (readonly [string, number])[] = [
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset=UTF-8', 200],
    ['application/json-patch+json', 415],
    ['text/plain; application/json', 415],
    ['multipart/form-data', 415],
  ];
  for (const [type, status] of contentTypes) {
    it(`Content-Type: ${type} -> ${status}`, async () => {
      expect((await post(ECHO, ['Host: localhost', `Content-Type: ${type}`])).status).to.equal(status);
    });
  }

  const hosts: readonly (readonly [string, number])[] = [
    ['localhost', 200],
    ['LOCALHOST:7000', 200],
    ['127.0.0.1:1', 200],
    ['192.168.7.9', 200],
    ['[::1]:7000', 200],
    [hostname(), 200],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['evil.example:7000', 403],
    ['', 400],
    ['localhost:', 400],
    ['[localhost]', 400],
    ['me@localhost', 400],
    ['localhost localhost', 400],
  ];
  for (const [host, status] of hosts) {
    it(`Host: ${host} -> ${status}`, async () => {
      expect((await post(ECHO, [`Host: ${host}`, 'Content-Type: application/json'])).status).to.equal(status);
    });
  }

  it('serves the name that the listener was given', async () => {
    const named = await startService({}, 'localhost:0');
    try {
      const response = await sayHttp(
        named.address,
        httpRequest({ body: ECHO, headers: [`Host: ${named.address}`, 'Content-Type: application/json'] }),
      );
      expect(response.body).to.equal(ANSWER);
    } finally {
      await named.close();
    }
  });

  it('executes nothing that it refuses', async () => {
    const before = service.noted.length;
    const body = '{"jsonrpc":"2.0","id":1,"method":"test.note"}';
    const json = 'Content-Type: application/json';
    for (const headers of [
      ['Host: localhost', json, 'Origin: http://evil.example'],
      ['Host: evil.example', json],
      ['Host: localhost', 'Host: localhost', json],
      ['Host: localhost', 'Content-Type: text/plain'],
    ]) {
      expect((await post(body, headers)).status).to.be.within(400, 415);
    }
    expect(service.noted.length).to.equal(before);
  });

  it('tells a caller who waits for leave before he sends too much', async () => {
    const connection = await RawConnection.open(service.address);
    connection.say(
      'POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n',
    );
    expect((await readResponse(connection)).status).to.equal(413);
    connection.close();
    const welcome = await RawConnection.open(service.address);
    welcome.say(
      `POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${ECHO.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    const leave = 'HTTP/1.1 100 Continue\r\n\r\n';
    while (welcome.received !== leave) await new Promise((resolve) => setImmediate(resolve));
    welcome.say(ECHO);
    expect((await readResponse(welcome, leave.length)).body).to.equal(ANSWER);
    welcome.close();
  });

  it('lets a caller who sends too much read why, though he never stops', async () => {
    const connection = await RawConnection.open(service.address);
    connection.say(
      'POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')]);
    const pour = setInterval(() => {
      for (let count = 0; count < 20; count++) connection.socket.write(chunk);
    }, 5);
    try {
      const { status, body } = await readResponse(connection);
      expect(status).to.equal(413);
      expect(body).to.include('TOO_LARGE');
      await connection.untilEnd();
    } finally {
      clearInterval(pour);
      connection.close();
    }
  });

  it('gives up on a caller who asks and asks without waiting for answers', async () => {
    const connection = await RawConnection.open(service.address);
    const hold = httpRequest({ body: '{"jsonrpc":"2.0","id":1,"method":"test.hold"}' });
    connection.say(Buffer.concat(Array.from({ length: 100 }, () => hold)));
    await connection.untilEnd();
    expect(service.held.length).to.be.at.most(64);
    for (const reply of service.held.splice(0)) reply.result({}); // to nobody
  });

  it('says nothing that could pass for the answer to a request under way, when nonsense follows it', async () => {
    const connection = await RawConnection.open(service.address);
    connection.say(httpRequest({ body: '{"jsonrpc":"2.0","id":1,"method":"test.hold"}' }));
    while (service.held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    connection.say('nonsense\r\n\r\n');
    expect(await connection.untilEnd()).to.equal('');
    service.held.splice(0)[0]?.result({});
  });
});

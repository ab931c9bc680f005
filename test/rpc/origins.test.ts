/** The origin rule: which web pages may ask here, by what the browser says of them. */
import { type Listener, type Pages, realWorld } from '@understudy/rpc';
import { expect } from 'chai';
import { type HttpResponse, httpRequest, sayHttp } from './support/http.ts';

const NEIGHBOUR = '10.0.0.7:7001';
const LATER = 'node-9:7001';

describe('web pages', () => {
  let listener: Listener;
  let known: string[];
  let asked: number;

  before(async () => {
    const pages: Pages = {
      '/status': () => ({ status: 200, body: { fine: true }, headers: { ETag: '"1"' } }),
      '/things/': { PUT: ({ body }) => ({ status: 200, body }), GET: () => ({ status: 404, body: 'none' }) },
    };
    listener = await realWorld().transport.listen({
      address: '127.0.0.1:0',
      methods: { 'test.echo': (params, reply) => reply.result(params) },
      pages,
      hostNames: ['kv1.example.test'],
      neighbours: {
        known: () => known,
        refresh: async () => {
          asked += 1;
          known = [...known, LATER];
        },
      },
    });
  });
  beforeEach(() => {
    known = [NEIGHBOUR, '127.0.0.1:7002', '10.0.0.8:80'];
    asked = 0;
  });
  after(() => listener.close());

  const port = (): string => listener.address.split(':')[1] ?? '';
  const say = (method: string, path: string, ...headers: readonly string[]): Promise<HttpResponse> =>
    sayHttp(listener.address, httpRequest({ method, path, headers: [`Host: ${listener.address}`, ...headers] }));

  const hosts: readonly (readonly [string, number])[] = [
    ['kv1.example.test:7555', 200],
    ['KV1.example.test', 200],
    ['node-7:9', 200],
    ['kv2.example.test', 403],
    ['evil.kv1.example.test', 403],
  ];
  for (const [host, status] of hosts) {
    it(`Host: ${host} -> ${status}`, async () => {
      known = ['node-7:7001'];
      const request = httpRequest({ method: 'GET', path: '/status', headers: [`Host: ${host}`] });
      const response = await sayHttp(listener.address, request);
      expect(response.status).to.equal(status);
      if (status === 403) expect(response.body).to.include('--allow-host NAME');
    });
  }

  const origins: readonly (readonly [string, number])[] = [
    ['http://HERE', 200],
    [`http://${NEIGHBOUR}`, 200],
    ['http://127.0.0.1:7002', 200],
    ['http://localhost:7002', 200],
    ['http://LOCALHOST:7002', 200],
    ['http://10.0.0.8', 200],
    [`http://${LATER}`, 200],
    ['http://10.0.0.7:7002', 403],
    ['http://10.0.0.7', 403],
    ['http://127.0.0.1:7003', 403],
    [`https://${NEIGHBOUR}`, 403],
    ['https://HERE', 403],
    [`http://${NEIGHBOUR}/`, 403],
    [`http://${NEIGHBOUR}.evil.example`, 403],
    [`http://evil.example/http://${NEIGHBOUR}`, 403],
    ['http://evil.example', 403],
    ['null', 403],
    ['', 403],
    [`http://${NEIGHBOUR} http://evil.example`, 403],
  ];
  for (const [origin, status] of origins) {
    it(`Origin: ${origin} -> ${status}`, async () => {
      const named = origin.replace('HERE', listener.address);
      const answer = await say('GET', '/status', `Origin: ${named}`);
      expect(answer.status).to.equal(status);
      const leave = status === 200 ? named : undefined;
      expect(answer.headers['access-control-allow-origin']).to.equal(leave);
      expect(answer.headers.vary).to.equal(status === 200 ? 'Origin' : undefined);
    });
  }

  it('are asked about only where they are not known', async () => {
    await say('GET', '/status', `Origin: http://${NEIGHBOUR}`);
    await say('GET', '/status', `Origin: http://${listener.address}`);
    await say('GET', '/status', 'Origin: null');
    await say('GET', '/status');
    expect(asked).to.equal(0);
    await say('GET', '/status', 'Origin: http://evil.example');
    expect(asked).to.equal(1);
  });

  it('do not come in as this host under a name that a stranger gave it', async () => {
    const headers = ['Host: evil.example', 'Origin: http://evil.example'];
    expect((await sayHttp(listener.address, httpRequest({ method: 'GET', path: '/status', headers }))).status).to.equal(
      403,
    );
  });

  it('may come from here by any of its names', async () => {
    const headers = [`Host: localhost:${port()}`, `Origin: http://localhost:${port()}`];
    expect((await sayHttp(listener.address, httpRequest({ method: 'GET', path: '/status', headers }))).status).to.equal(
      200,
    );
  });

  it('may read the revision of what they get, and failures too', async () => {
    const { headers } = await say('GET', '/status', `Origin: http://${NEIGHBOUR}`);
    expect(headers['access-control-expose-headers']).to.include('ETag');
    for (const [method, path, status] of [
      ['GET', '/things/a', 404],
      ['GET', '/nowhere', 404],
      ['DELETE', '/status', 405],
    ] as const) {
      const answer = await say(method, path, `Origin: http://${NEIGHBOUR}`);
      expect([answer.status, answer.headers['access-control-allow-origin']]).to.deep.equal([
        status,
        `http://${NEIGHBOUR}`,
      ]);
    }
  });

  it('never reach /rpc, not even those that came from here', async () => {
    for (const origin of [listener.address, NEIGHBOUR]) {
      const body = '{"jsonrpc":"2.0","id":1,"method":"test.echo"}';
      const headers = [`Host: ${listener.address}`, 'Content-Type: application/json', `Origin: http://${origin}`];
      const answer = await sayHttp(listener.address, httpRequest({ body, headers }));
      expect([answer.status, answer.headers['access-control-allow-origin']]).to.deep.equal([403, undefined]);
    }
    const leave = await say('OPTIONS', '/rpc', `Origin: http://${NEIGHBOUR}`, 'Access-Control-Request-Method: POST');
    expect(leave.status).to.equal(403);
  });

  describe('that ask for leave first', () => {
    const ask = (path: string, origin: string): Promise<HttpResponse> =>
      say('OPTIONS', path, `Origin: ${origin}`, 'Access-Control-Request-Method: PUT');

    it('are told what they may send', async () => {
      const { status, headers, body } = await ask('/things/a', `http://${NEIGHBOUR}`);
      expect([status, body]).to.deep.equal([204, '']);
      expect(headers).to.include({
        'access-control-allow-origin': `http://${NEIGHBOUR}`,
        'access-control-allow-methods': 'PUT, GET, HEAD',
        'access-control-allow-headers': 'Content-Type, If-Match, If-None-Match',
      });
    });

    it('get none where they have nothing to say', async () => {
      const { status, headers } = await ask('/things/a', 'http://evil.example');
      expect([status, headers['access-control-allow-methods']]).to.deep.equal([403, undefined]);
      expect((await ask('/nowhere', `http://${NEIGHBOUR}`)).status).to.equal(404);
      expect((await say('OPTIONS', '/things/a', `Origin: http://${NEIGHBOUR}`)).status).to.equal(405);
      expect((await say('OPTIONS', '/things/a', 'Access-Control-Request-Method: PUT')).status).to.equal(405);
    });
  });

  it('get in nowhere where nobody said that they may', async () => {
    const pages: Pages = { '/status': () => ({ status: 200, body: {} }) };
    const alone = await realWorld().transport.listen({ address: '127.0.0.1:0', methods: {}, pages });
    try {
      const request = (origin: string): Promise<Response> =>
        fetch(`http://${alone.address}/status`, { headers: { Origin: `http://${origin}` } });
      expect((await request(NEIGHBOUR)).status).to.equal(403);
      expect((await request(alone.address)).status).to.equal(200);
    } finally {
      await alone.close();
    }
  });
});

/** The files of the page as a browser gets them: types, caching, the policy, and nothing from anywhere else. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageFiles, securityPolicy } from '@understudy/dashboard';
import { type Listener, realWorld } from '@understudy/rpc';
import { expect } from 'chai';
import { httpRequest, sayHttp } from '../rpc/support/http.ts';

describe('the files of the page', () => {
  let folder: string;
  let listener: Listener;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'page-'));
    mkdirSync(join(folder, 'page', 'parts'), { recursive: true });
    writeFileSync(join(folder, 'secret.js'), 'secret');
    writeFileSync(join(folder, 'page', 'index.html'), '<title>é</title>');
    writeFileSync(join(folder, 'page', 'main.js'), 'export {};');
    writeFileSync(join(folder, 'page', 'parts', 'ring.svg'), '<svg/>');
    writeFileSync(join(folder, 'page', 'dot.png'), Buffer.from([0x89, 0xff, 0x00, 0xfe]));
    writeFileSync(join(folder, 'page', 'notes.md'), 'not for browsers');
    symlinkSync(join(folder, 'secret.js'), join(folder, 'page', 'link.js'));
    const nodes = async () => ['10.0.0.7:7001'];
    const pages = pageFiles({ folder: join(folder, 'page'), nodes });
    listener = await realWorld().transport.listen({ address: '127.0.0.1:0', methods: {}, pages });
  });
  after(async () => {
    await listener.close();
    rmSync(folder, { recursive: true });
  });

  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://${listener.address}${path}`, init);

  const files: readonly (readonly [string, string, string])[] = [
    ['/', 'text/html; charset=utf-8', '<title>é</title>'],
    ['/?view=3', 'text/html; charset=utf-8', '<title>é</title>'],
    ['/dashboard/index.html', 'text/html; charset=utf-8', '<title>é</title>'],
    ['/dashboard/main.js', 'text/javascript; charset=utf-8', 'export {};'],
    ['/dashboard/parts/ring.svg', 'image/svg+xml', '<svg/>'],
  ];
  for (const [path, type, text] of files) {
    it(`${path} is ${type}`, async () => {
      const response = await get(path);
      expect([response.status, response.headers.get('content-type'), await response.text()]).to.deep.equal([
        200,
        type,
        text,
      ]);
    });
  }

  it('go out byte by byte as they are', async () => {
    const response = await get('/dashboard/dot.png');
    expect(response.headers.get('content-type')).to.equal('image/png');
    expect([...new Uint8Array(await response.arrayBuffer())]).to.deep.equal([0x89, 0xff, 0x00, 0xfe]);
  });

  it('say what the page may do, and how they are to be taken', async () => {
    const { headers } = await get('/');
    expect(headers.get('content-security-policy')).to.equal(securityPolicy(['10.0.0.7:7001']));
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('referrer-policy')).to.equal('same-origin');
  });

  it('are sent again only where they have changed', async () => {
    const first = await get('/dashboard/main.js');
    expect(first.headers.get('cache-control')).to.equal('no-cache');
    const again = await get('/dashboard/main.js', { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });
    expect([again.status, await again.text()]).to.deep.equal([304, '']);
    expect(again.headers.get('content-security-policy')).to.equal(securityPolicy(['10.0.0.7:7001']));
    const old = await get('/dashboard/main.js', { headers: { 'If-None-Match': '"of another version"' } });
    expect([old.status, await old.text()]).to.deep.equal([200, 'export {};']);
  });

  it('stay what they were when the first was asked for, so that they fit together', async () => {
    writeFileSync(join(folder, 'page', 'main.js'), 'export default 1;');
    expect(await (await get('/dashboard/main.js')).text()).to.equal('export {};');
  });

  const strange = [
    '/dashboard/',
    '/dashboard/parts',
    '/dashboard/none.js',
    '/dashboard/notes.md',
    '/dashboard/link.js',
    '/dashboard/../secret.js',
    '/dashboard/..%2fsecret.js',
    '/dashboard/%2e%2e/secret.js',
    '/dashboard/parts/../../secret.js',
    '/dashboard/..%5csecret.js',
    '/dashboard//main.js',
    '/dashboard/./main.js',
    '/dashboard/main.js%00.svg',
    '/dashboard/%2fetc%2fpasswd.js',
    '/dashboard/constructor',
    '/main.js',
    '/dashboard',
  ];
  for (const path of strange) {
    it(`are nowhere else: ${path}`, async () => {
      const { status, body } = await sayHttp(listener.address, httpRequest({ method: 'GET', path }));
      expect(status).to.equal(404);
      expect(body).not.to.include('secret');
    });
  }
});

describe('the policy of the page', () => {
  it('lets it ask the nodes, and do nothing else', () => {
    expect(securityPolicy(['127.0.0.1:7001', 'Node-2.example:80'])).to.equal(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' http://127.0.0.1:7001 http://Node-2.example:80; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
  });

  it('names of a node at an IPv6 address the port, because it has no way to name more', () => {
    expect(securityPolicy(['[::1]:7001', '[2001:db8::7]:7001', '[::1]:7000'])).to.include(
      "; connect-src 'self' http://*:7001 http://*:7000; ",
    );
  });

  it('has a bounded length, however many nodes there are: those that are named first are in it', () => {
    const policy = securityPolicy(
      Array.from({ length: 1_000 }, (_, place) => `${'n'.repeat(200)}${place}.example:7001`),
    );
    expect(policy.length).to.be.lessThan(4_500);
    expect(policy).to.include(`${'n'.repeat(200)}0.example:7001`);
  });

  it('cannot be widened by a server with a strange name', () => {
    const names = [
      'a;script-src:80',
      "x'unsafe-inline':1",
      '*:80',
      'a,b:80',
      '[*]:80',
      '[::1]:*',
      '[1]:80',
      'a:80 *',
      'a\r\nB:80',
      'a',
      ':80',
      '',
    ];
    expect(securityPolicy(names)).to.equal(securityPolicy([]));
  });
});

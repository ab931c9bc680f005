/** Bad input, as bytes: what each piece is called, and how it is said over TCP and over HTTP. */
import { gzipSync } from 'node:zlib';
import { DEFAULT_LIMITS } from '@understudy/rpc';
import { httpRequest } from './http.ts';

export interface BadInput {
  readonly name: string;
  /** It is meant for a monitor; everything else for a server. */
  readonly forMonitor?: true;
  /** On a plain TCP connection; absent: there is no such thing there. */
  readonly tcp?: string | Uint8Array;
  /** The sender ends his side after it. */
  readonly ends?: boolean;
  /** On a connection of its own, as HTTP; absent: there is no such thing there. */
  readonly http?: string | Uint8Array;
}

const request = (method: unknown, params: unknown, more: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, ...more });
const put = (key: string): string => `{"jsonrpc":"2.0","id":1,"method":"kv.put","params":{"key":${key},"value":"v"}}`;
const ping = (viewnum: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"sysmonitor.ping","params":{"server":"localhost:9","viewnum":${viewnum}}}`;
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const { maxRequestBytes } = DEFAULT_LIMITS;
const rpcHeaders = ['Host: localhost', 'Content-Type: application/json'];

function distinctNames(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, index]));
}

/** The same text as a line and as a body. */
function both(name: string, text: string | Uint8Array): BadInput {
  return { name, tcp: Buffer.concat([Buffer.from(text), Buffer.from('\n')]), http: httpRequest({ body: text }) };
}

function http(name: string, { body = put('"k"'), ...rest }: Parameters<typeof httpRequest>[0]): BadInput {
  return { name, http: httpRequest({ body, ...rest }) };
}

/** Needs methods `sysmonitor.ping` and `kv.put`. */
export const BAD_INPUTS: readonly BadInput[] = [
  both('not JSON', 'this is not JSON'),
  both(
    'not UTF-8',
    Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xc3, 0x28, 0xff])]),
  ),
  both(
    'a lone surrogate as bytes (ED A0 80)',
    Buffer.concat([Buffer.from('"'), Buffer.from([0xed, 0xa0, 0x80, 0x22])]),
  ),
  { ...both('truncated', put('"k"').slice(0, -4)), tcp: put('"k"').slice(0, -4), ends: true },
  {
    name: 'truncated: shorter than its Content-Length, then the end',
    http: `POST /rpc HTTP/1.1\r\n${rpcHeaders.join('\r\n')}\r\nContent-Length: 200\r\n\r\n${put('"k"')}`,
    ends: true,
  },
  both('one byte over 8 MiB', ' '.repeat(maxRequestBytes + 1)),
  { name: '8 MiB without a newline, and more to come', tcp: Buffer.alloc(maxRequestBytes + 65_536, 0x61) },
  both('10^6 deep, closed', deep(1_000_000)),
  both('10^6 deep, never closed', '['.repeat(1_000_000)),
  both(
    '10^6 deep in params',
    `{"jsonrpc":"2.0","id":1,"method":"kv.put","params":${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_001)}`,
  ),
  both('65 deep', request('kv.put', { key: 'k', value: JSON.parse(deep(63)) })),
  both('8 MiB of empty lists', `[${'[],'.repeat(Math.floor(maxRequestBytes / 3) - 1)}0]`),
  both('200,000 distinct names in params', request('kv.put', distinctNames(200_000))),
  both('an empty batch', '[]'),
  both('a batch of 1,001', `[${Array.from({ length: 1_001 }, () => put('"k"')).join(',')}]`),
  both('a batch of nothing but batches', '[[],[[]]]'),
  both('a batch of 1 and "a"', '[1,"a"]'),
  both('a number', '1'),
  both('null', 'null'),
  both('a request inside a JSON string', JSON.stringify(put('"k"'))),
  both('an empty object', '{}'),
  both('no version', '{"id":1,"method":"kv.put","params":{}}'),
  both('version "1.0"', request('kv.put', {}, { jsonrpc: '1.0' })),
  both('an object as id', request('kv.put', {}, { id: {} })),
  both('an id of 1e400', '{"jsonrpc":"2.0","id":1e400,"method":"kv.put","params":{"key":"k","value":"v"}}'),
  both('an id of 1,025 characters', request('kv.get', { key: 'k' }).replace('"id":1,', `"id":"${'i'.repeat(1_025)}",`)),
  both('an id of 2^53 + 1', request('kv.put', { key: 'k', value: 'v' }).replace('"id":1,', '"id":9007199254740993,')),
  both('no method', '{"jsonrpc":"2.0","id":1}'),
  both('method 3', request(3, {})),
  both('unknown method', request('kv.nothing', {})),
  both('method `constructor`', request('constructor', {})),
  both('method `__proto__`', request('__proto__', {})),
  both('method `toString`', request('toString', {})),
  both('params as a list', request('kv.put', ['k', 'v'])),
  both('params as text', request('kv.put', 'k')),
  both('params null', request('kv.put', null)),
  both('no params where some are needed', '{"jsonrpc":"2.0","id":1,"method":"kv.put"}'),
  { ...both('viewnum -1', ping('-1')), forMonitor: true },
  { ...both('viewnum 1.5', ping('1.5')), forMonitor: true },
  { ...both('viewnum 2^53', ping('9007199254740992')), forMonitor: true },
  { ...both('viewnum 1e400', ping('1e400')), forMonitor: true },
  { ...both('viewnum "3"', ping('"3"')), forMonitor: true },
  { ...both('viewnum null', ping('null')), forMonitor: true },
  { ...both('viewnum [3]', ping('[3]')), forMonitor: true },
  both('key `__proto__`', put('"__proto__"')),
  both('key 3', put('3')),
  both('key {}', put('{}')),
  both('the empty key', put('""')),
  both('a key of half a surrogate pair', put('"\\ud83d"')),
  both('a key of two halves in the wrong order', put('"\\ude00\\ud83d"')),
  both('a key of 1,025 bytes', put(JSON.stringify('k'.repeat(1_025)))),
  both('a key of 342 characters in 1,026 bytes', put(JSON.stringify('€'.repeat(342)))),
  http('two Host headers', { headers: ['Host: localhost', ...rpcHeaders] }),
  http('two Host headers, the second a stranger', { headers: [...rpcHeaders, 'Host: evil.example'] }),
  http('no Host header', { headers: rpcHeaders.slice(1) }),
  http('a Host that is not ours (DNS rebinding)', { headers: ['Host: evil.example', ...rpcHeaders.slice(1)] }),
  http('a malformed Host', { headers: ['Host: localhost/x', ...rpcHeaders.slice(1)] }),
  http('an Origin header', { headers: [...rpcHeaders, 'Origin: http://localhost'] }),
  http('an Origin header of "null"', { headers: [...rpcHeaders, 'Origin: null'] }),
  {
    name: 'a preflight of a web page',
    http: httpRequest({ method: 'OPTIONS', headers: ['Host: localhost', 'Origin: http://x'] }),
  },
  http('POST of text/plain', { headers: ['Host: localhost', 'Content-Type: text/plain'] }),
  http('POST of a form', { headers: ['Host: localhost', 'Content-Type: application/x-www-form-urlencoded'] }),
  http('POST of JSON in Latin-1', { headers: ['Host: localhost', 'Content-Type: application/json; charset=latin1'] }),
  http('POST of JSON in gzip', { headers: [...rpcHeaders, 'Content-Encoding: gzip'], body: gzipSync(put('"k"')) }),
  {
    name: 'PUT of a value in gzip',
    http: httpRequest({
      method: 'PUT',
      path: '/kv/k',
      headers: ['Host: localhost', 'Content-Type: text/plain', 'Content-Encoding: gzip'],
      body: gzipSync('v'),
    }),
  },
  {
    name: 'PUT of a value in the Transfer-Encoding gzip, chunked',
    http: [
      'PUT /kv/k HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
      '1\r\nv\r\n0\r\n\r\n',
    ].join(''),
  },
  {
    name: 'PUT of a part of a value (Content-Range)',
    http: httpRequest({
      method: 'PUT',
      path: '/kv/k',
      headers: ['Host: localhost', 'Content-Type: text/plain', 'Content-Range: bytes 0-1/5'],
      body: 'ab',
    }),
  },
  http('POST without a Content-Type', { headers: ['Host: localhost'] }),
  { name: 'GET /rpc', http: httpRequest({ method: 'GET' }) },
  http('POST /status', { path: '/status' }),
  http('POST /nothing', { path: '/nothing' }),
  { name: 'malformed HTTP', http: 'GET /status HTTP/9.9 or so\r\n\r\n' },
  { name: 'headers over 16 KiB', http: httpRequest({ headers: [...rpcHeaders, `X: ${'x'.repeat(20_000)}`] }) },
  {
    name: 'a Content-Length and chunks',
    http: `POST /rpc HTTP/1.1\r\n${rpcHeaders.join('\r\n')}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
];

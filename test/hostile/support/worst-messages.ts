/** Messages that cost their receiver the most, of each kind: as large, as many-parted and as much to compute as the bounds allow, and beyond. */
import { DEFAULT_LIMITS } from '@understudy/rpc';
import { httpRequest } from '../../rpc/support/http.ts';
import { costlyTexts } from './costly-texts.ts';

export interface WorstMessage {
  readonly name: string;
  readonly to: 'server' | 'monitor';
  readonly bytes: string | Uint8Array;
  /** Answers that come, where they come as HTTP. */
  readonly responses?: number;
}

/** More than all that may be hashed in one turn. */
const LARGE_VALUES = 32;
const MIB = 2 ** 20;

/** What the messages ask for. */
export const WORST_DATA: readonly (readonly [key: string, value: string])[] = [
  ...numbered(1_200, (n) => [`small/${n}`, ''] as const),
  ...numbered(1_200, (n) => [`middle/${n}`, 'v'.repeat(400)] as const),
  ...numbered(1_200, (n) => [`escaped/${n}`, '\u0001'.repeat(400)] as const),
  ...numbered(LARGE_VALUES, (n) => [`large/${n}`, 'x'.repeat(2 ** 20)] as const),
  ['large-escaped', '\u0001'.repeat(2 ** 20)],
  ['large-wide', '€'.repeat(2 ** 18)],
  ...numbered(LARGE_VALUES, (n) => [`wide/${n}`, '€'.repeat(MIB / 3)] as const),
  ...numbered(8, (n) => [`large-escaped/${n}`, '\u0001'.repeat(MIB)] as const),
];

const { maxRequestBytes, maxBatch, maxElements } = DEFAULT_LIMITS;
const MOST_OPERATIONS = 1_024;
const PIPELINED = 64;

export function worstMessages(session: string): readonly WorstMessage[] {
  return [
    ...malformed(),
    ...batches(session),
    ...operations(session),
    ...largeOperations(session),
    ...ofStrangers(),
    ...pages(),
    ...forMonitor(),
  ];
}

/** Of no method, or refused by it. */
function malformed(): WorstMessage[] {
  const whole: Record<string, string> = {
    'empty lists': `[${fill('[],')}0]`,
    'empty objects': `[${fill('{},')}0]`,
    'distinct names': names(700_000),
    'as many names as are allowed': request('kv.get', names(Math.floor(maxElements / 2) - 10)),
    'as many objects as are allowed': request('kv.get', `{"a":[${'{},'.repeat(maxElements / 2 - 10)}0]}`),
    'one text': JSON.stringify('x'.repeat(maxRequestBytes - 2)),
    'one text of escapes': `"${fill('\\n')}"`,
    digits: fill('1'),
    blanks: `${fill(' ', 3)}{}`,
    'a value that is too large': request('kv.put', { key: 'k', value: 'x'.repeat(maxRequestBytes - 200) }),
    'a value of wide characters': request('kv.put', { key: 'k', value: '€'.repeat(maxRequestBytes / 3 - 200) }),
    'an id as large as a request': `{"jsonrpc":"2.0","id":"${fill('\\u0001', 100)}","method":"kv.get","params":{}}`,
    'a method as large as a request': request('x'.repeat(maxRequestBytes - 200), {}),
  };
  const lines = Object.entries({ ...whole, ...costlyTexts() }).map(([name, text]) => line('server', name, text));
  const body = whole['empty lists'] ?? '';
  return [
    ...lines,
    { name: 'blank lines', to: 'server', bytes: `${'\n'.repeat(maxRequestBytes)}${request('kv.status', {})}\n` },
    { name: 'empty lists as a body', to: 'server', bytes: httpRequest({ body }), responses: 1 },
    http('a put that is too large', 'PUT', '/kv/k', 'x'.repeat(maxRequestBytes - 10)),
  ];
}

function batches(session: string): WorstMessage[] {
  const large = { key: 'large/00000', expected: 'no', value: 'y' };
  const all: Record<string, (n: number) => string> = {
    scans: () => request('kv.scan', { prefix: 'small/' }),
    'scans backwards': () => request('kv.scan', { prefix: 'small/', reverse: true }),
    'scans of escaped values': () => request('kv.scan', { prefix: 'escaped/' }),
    'scans that wait': () => request('kv.scan', { prefix: 'small/', consistency: 'sequential', atLeast: 1e12 }),
    'gets of a large value': () => request('kv.get', { key: 'large/00000' }),
    'gets of an escaped value': () => request('kv.get', { key: 'large-escaped' }),
    'statuses of a server': () => request('kv.status', {}),
    snapshots: () => request('kv.openSnapshot', {}),
    sessions: () => request('kv.openSession', { client: 'c'.repeat(256) }),
    'swaps that fail': (n) => request('kv.cas', { ...large, session, seq: n + 1 }),
    'hashes of large values': (n) => request('kv.putHash', { key: `large/${padded(n % LARGE_VALUES)}`, value: 'x' }),
    'hashes of wide values': (n) => request('kv.putHash', { key: `wide/${padded(n % LARGE_VALUES)}`, value: 'x' }),
    appends: () => request('kv.append', { key: 'large-wide', value: 'x' }),
    'unknown methods': () => request('nothing', {}),
  };
  return Object.entries(all).map(([name, of]) => line('server', `a batch of ${name}`, batch(of)));
}

function operations(session: string): WorstMessage[] {
  const all: Record<string, (n: number) => unknown> = {
    puts: (n) => ['put', `new/${n}`, 'x'.repeat(8_000)],
    gets: (n) => ['get', `middle/${padded(n)}`],
    'gets of an escaped value': () => ['get', 'large-escaped'],
    'hashes of large values': (n) => ['putHash', `large/${padded(n % LARGE_VALUES)}`, 'x'],
    'swaps that fail': (n) => ['cas', `large/${padded(LARGE_VALUES - 1)}`, 'no', 'y', n + 2_000],
    'wrong keys': () => ['put', 3, 'x'],
    'appends and gets': (n) => (n % 2 === 0 ? ['append', 'large-wide', 'x'] : ['get', 'large-wide']),
  };
  return Object.entries(all).map(([name, of]) => {
    const params = { operations: Array.from({ length: MOST_OPERATIONS }, (_, n) => of(n)) };
    const own = name === 'swaps that fail' ? { session, acked: 1_000 } : {};
    return line('server', `kv.batch of ${name}`, request('kv.batch', { ...params, ...own }));
  });
}

/** As few as fill a request. */
function largeOperations(session: string): WorstMessage[] {
  const values = { ascii: 'x'.repeat(MIB), wide: '€'.repeat(MIB / 3), escaped: '\u0001'.repeat(MIB) };
  return Object.entries(values).flatMap(([name, value]) => {
    const count = Math.floor((maxRequestBytes - 1_000) / (Buffer.byteLength(JSON.stringify(value)) + 100));
    const batch = (what: string, of: (n: number) => unknown, own: object) =>
      line(
        'server',
        `kv.batch of ${what} (${name})`,
        request('kv.batch', { operations: Array.from({ length: count }, (_, n) => of(n)), ...own }),
      );
    return [
      batch('large puts', (n) => ['put', `put/${n}`, value], {}),
      batch('large puts of a session', (n) => ['put', `put/${n}`, value, seqOf(n)], { session, acked: 1_000 }),
      batch('large swaps', (n) => ['cas', `put/${n}`, value, 'x'], {}),
      batch('large appends', () => ['append', 'appended', value], {}),
      batch('large hashes', (n) => ['putHash', `put/${n}`, value], {}),
    ];
  });
}

/** A number that no other operation of the session has. */
function seqOf(n: number): number {
  return 10_000 + n;
}

/** What only servers send, from somebody who is none. */
function ofStrangers(): WorstMessage[] {
  const view = { viewnum: 5, primary: 'a:1', backups: numbered(30_000, (n) => `b${n}:1`), syncing: [] };
  const from = { server: '127.0.0.1:1', incarnation: 'i', secret: 's', cluster: 'c', to: 't', viewnum: 1, number: 1 };
  const previous = { viewnum: 1, index: 1 };
  const many = { viewnum: 1, operations: Array.from({ length: 16_000 }, () => ['put', 'k', 'v']) };
  const large = { viewnum: 1, operations: Array.from({ length: 7 }, () => ['put', 'k', 'x'.repeat(MIB)]) };
  const chunk = { ...from, transfer: 1, order: 1, position: previous, total: 1, last: false };
  const records = Array.from({ length: 5_000 }, (_, n) => ({
    kind: 'cell',
    key: `${n}`,
    cell: { value: 'v', revision: 1 },
  }));
  const ping = { server: '127.0.0.1:1', viewnum: 1, incarnation: 'i', secret: 's', seq: 1 };
  return [
    line(
      'server',
      'kv.prepare of many entries',
      request('kv.prepare', { ...from, previous, entries: [many], commit: 1 }),
    ),
    line(
      'server',
      'kv.prepare of large entries',
      request('kv.prepare', { ...from, previous, entries: [large], commit: 1 }),
    ),
    line(
      'server',
      'kv.prepare of a large view',
      request('kv.prepare', { ...from, previous, entries: [], commit: 1, view }),
    ),
    line('server', 'kv.chunk of many records', request('kv.chunk', { ...chunk, records })),
    line('monitor', 'a ping that names many servers', request('sysmonitor.ping', { ...ping, lost: view.backups })),
    line('monitor', 'a ping with a large view', request('sysmonitor.ping', { ...ping, view })),
  ];
}

function pages(): WorstMessage[] {
  const paths = [
    '/metrics',
    '/status',
    '/cluster/status',
    '/',
    '/kv?prefix=small/',
    '/kv?prefix=escaped/',
    '/kv/large-escaped',
    '/kv?prefix=large/',
    '/kv?prefix=large-escaped/',
  ];
  const often = ['/metrics', '/kv?prefix=small/', '/kv?prefix=small/&consistency=sequential'];
  return [
    ...paths.map((path) => http(`GET ${path}`, 'GET', path)),
    ...often.map((path) => pipelined('server', path)),
    { name: 'a put in chunks of one byte', to: 'server', bytes: inChunks(), responses: 1 },
    http(
      'a query of many names',
      'GET',
      `/kv?${names(1_000).replace(/[{}"]/g, '').replaceAll(':', '=').replaceAll(',', '&')}`,
    ),
  ];
}

function forMonitor(): WorstMessage[] {
  return [
    line(
      'monitor',
      'a batch of statuses',
      batch(() => request('sysmonitor.status', {})),
    ),
    line('monitor', 'empty lists, to the monitor', `[${fill('[],')}0]`),
    pipelined('monitor', '/metrics'),
    pipelined('monitor', '/status'),
  ];
}

function line(to: WorstMessage['to'], name: string, text: string): WorstMessage {
  return { name, to, bytes: `${text}\n` };
}

function http(name: string, method: string, path: string, body = ''): WorstMessage {
  const headers = ['Host: localhost', 'Content-Type: text/plain'];
  return { name, to: 'server', bytes: httpRequest({ method, path, headers, body }), responses: 1 };
}

function inChunks(): string {
  const headers = 'Host: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked';
  return `PUT /kv/chunks HTTP/1.1\r\n${headers}\r\n\r\n${'1\r\nx\r\n'.repeat(MIB)}0\r\n\r\n`;
}

function pipelined(to: WorstMessage['to'], path: string): WorstMessage {
  const one = Buffer.from(httpRequest({ method: 'GET', path })).toString();
  return { name: `${PIPELINED} times ${path} at once`, to, bytes: one.repeat(PIPELINED), responses: PIPELINED };
}

function request(method: string, params: object | string): string {
  const text = typeof params === 'string' ? params : JSON.stringify(params);
  return `{"jsonrpc":"2.0","id":1,"method":${JSON.stringify(method)},"params":${text}}`;
}

function batch(of: (n: number) => string): string {
  return `[${Array.from({ length: maxBatch }, (_, n) => of(n)).join()}]`;
}

/** As much of it as one request may have, but for what stands around it. */
function fill(part: string, around = 10): string {
  return part.repeat(Math.floor((maxRequestBytes - around) / part.length));
}

function names(count: number): string {
  return `{${Array.from({ length: count }, (_, n) => `"${n.toString(36)}":0`).join()}}`;
}

function numbered<T>(count: number, of: (n: string) => T): T[] {
  return Array.from({ length: count }, (_, n) => of(padded(n)));
}

function padded(n: number): string {
  return String(n).padStart(5, '0');
}

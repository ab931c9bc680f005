/**
 * A hostile client: slow peers, silent connections, large messages, sessions that nobody uses, forged lines. It talks to the processes
 * past the proxies. Nothing that it says is a valid operation on recorded keys; so it may be refused or ignored, and nothing else.
 */
import { connect, type Socket } from 'node:net';
import type { SeededRandom } from '@understudy/testkit';
import type { Fault, Field } from '../field.ts';
import { sleep } from '../waiting.ts';

interface Attack {
  readonly what: string;
  readonly connections: number;
  /** What each connection sends; the second argument counts connections. */
  readonly send: (socket: Socket, number: number) => void;
  /** Whether it reads what comes back. */
  readonly reads: boolean;
}

const MEBIBYTE = 2 ** 20;
const MOST_SHOWN = 200;

export const hostile: Fault = (field, random, durationMs) =>
  attackWith(random.pick(ATTACKS), field, random, durationMs);

export const forge: Fault = async (field, random, durationMs) => {
  const lines = await forgedLines(field, random);
  const send = (socket: Socket, number: number) => void socket.write(lines[number] ?? '');
  const attack: Attack = {
    what: `forged lines:\n${lines.map(shown).join('\n')}`,
    connections: lines.length,
    reads: true,
    send,
  };
  await attackWith(attack, field, random, durationMs);
};

function shown(text: string): string {
  return `        ${JSON.stringify(text.slice(0, MOST_SHOWN))}`;
}

async function attackWith(attack: Attack, field: Field, random: SeededRandom, durationMs: number): Promise<void> {
  const target = random.pick(field.cluster.members);
  field.tally.add('hostileAttacks');
  field.tell(`hostile client at ${target.name}: ${attack.what}`);
  const [host = '', port = '0'] = target.directAddress.split(':');
  const sockets = Array.from({ length: attack.connections }, () => connect({ host, port: Number(port) }));
  for (const [number, socket] of sockets.entries()) {
    socket.on('error', () => {}); // to be turned away is what it deserves
    if (attack.reads) socket.resume();
    else socket.pause();
    socket.once('connect', () => attack.send(socket, number));
  }
  await sleep(durationMs);
  for (const socket of sockets) socket.destroy();
}

const SESSIONS = Array.from({ length: 200 }, (_, id) => line('kv.openSession', { client: 'nobody' }, id)).join('');
const SCANS = `${JSON.stringify(Array.from({ length: 500 }, (_, id) => request('kv.scan', {}, id)))}\n`;
const GET = line('kv.get', { key: 'x' }, 1);

const ATTACKS: readonly Attack[] = [
  { what: 'silent connections', connections: 100, reads: true, send: () => {} },
  { what: 'connections that say G', connections: 100, reads: true, send: (socket) => void socket.write('G') },
  { what: 'requests of 7 MiB that never end', connections: 20, reads: true, send: unfinished },
  { what: 'a request, byte by byte', connections: 20, reads: true, send: (socket) => trickle(socket, GET) },
  { what: 'answers that nobody reads', connections: 10, reads: false, send: (socket) => flood(socket, SCANS) },
  { what: 'unused sessions', connections: 4, reads: true, send: (socket) => void socket.write(SESSIONS) },
  {
    what: '8 MiB of lists',
    connections: 2,
    reads: true,
    send: (socket) => void socket.write(`[${'[],'.repeat(2.7e6)}[]]\n`),
  },
];

function unfinished(socket: Socket): void {
  socket.write(`{"jsonrpc":"2.0","id":1,"method":"kv.put","params":{"key":"x","value":"${'x'.repeat(7 * MEBIBYTE)}`);
}

function trickle(socket: Socket, text: string): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(text[sent] ?? '\n');
    sent += 1;
  }, 50);
  socket.once('close', () => clearInterval(timer));
}

function flood(socket: Socket, text: string): void {
  for (let count = 0; count < 20; count += 1) socket.write(text);
}

/** In the name of servers, monitors and members that there are and that there are not. */
async function forgedLines(field: Field, random: SeededRandom): Promise<readonly string[]> {
  const status = await field.cluster.monitorStatus();
  const view = status?.view ?? { viewnum: 1, primary: '', backups: [], syncing: [] };
  const someone = random.pick(field.cluster.servers).address;
  const stranger = '127.0.0.1:1';
  const incarnation = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
  const far = view.viewnum + 1_000;
  const cluster = view.cluster ?? 'none';
  const ping = { viewnum: 0, incarnation, seq: 1 };
  const position = { viewnum: far, index: 1_000_000 };
  const prepare = { view: far, viewnum: far, primary: stranger, incarnation, number: 1, commit: 0, entries: [] };
  const lines = [
    line('sysmonitor.ping', { server: stranger, ...ping }, 1),
    line('sysmonitor.ping', { server: '\u001b[2J\nforged', ...ping }, 1),
    line('sysmonitor.ping', { server: 'http://evil.example', ...ping }, 1),
    line('sysmonitor.ping', { server: stranger, ...ping, viewnum: far, cluster, position }, 1),
    line('sysmonitor.ping', { server: someone, ...ping }, 1),
    line('sysmonitor.ping', { server: someone, ...ping, viewnum: 900_000, cluster }, 1),
    line('sysmonitor.ping', { server: someone, ...ping, leaving: true }, 1),
    line('kv.prepare', prepare, 1),
    line('kv.prepare', { ...prepare, entries: [{ index: 1, viewnum: far, operation: ['append', 'k', null] }] }, 1),
    line('kv.chunk', { view: far, transfer: 1, number: 0, records: [null] }, 1),
    line('kv.release', { viewnum: view.viewnum, incarnation }, 1),
    line('kv.cas', { value: 1 }, 1),
    line('kv.put', { key: 'x', value: 'y', session: 'made-up', seq: -1, acked: 9 }, 1),
    '{"jsonrpc":"2.0","id":1,"method":"kv.put"\n',
    `${'\u0000'.repeat(1_000)}\n`,
    'GET / HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n\r\n',
  ];
  return random.shuffle(lines).slice(0, 4);
}

function request(method: string, params: object, id: number): object {
  return { jsonrpc: '2.0', id, method, params };
}

function line(method: string, params: object, id: number): string {
  return `${JSON.stringify(request(method, params, id))}\n`;
}

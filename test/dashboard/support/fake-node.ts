/** One node of a cluster that is played: serves the real page, and a feed and keys that a situation has written for it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Hello, type Notice, PAGE_FOLDER, type Sample, securityPolicy } from '@understudy/dashboard';
import type { FakeKeys } from './fake-keys.ts';

export interface Played {
  readonly hello: Hello;
  readonly notices: readonly Notice[];
  /** As of a moment, in milliseconds since 1970: of the past minute, told at once, and then four times a second. */
  readonly sampleAt: (at: number) => Sample;
}

const EVERY_MS = 250;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export class FakeNode implements AsyncDisposable {
  /** Of the last requests that change something. */
  readonly changes: string[] = [];
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #keys: FakeKeys;
  #played: Played | undefined;
  #nodes: readonly string[] = [];

  private constructor(keys: FakeKeys) {
    this.#keys = keys;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async listen(keys: FakeKeys, port = 0): Promise<FakeNode> {
    const node = new FakeNode(keys);
    node.#server.listen(port, '127.0.0.1');
    await once(node.#server, 'listening');
    return node;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  play(played: Played, nodes: readonly string[]): void {
    this.#played = played;
    this.#nodes = nodes;
  }

  /** To everybody who listens. */
  tell(kind: 'notice' | 'sample', data: Notice | Sample): void {
    for (const stream of this.#streams) stream.write(eventOf(kind, data));
  }

  /** Goes without a word. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    response.setHeader('Access-Control-Allow-Methods', 'GET, PUT, DELETE');
    response.setHeader('Access-Control-Allow-Headers', 'content-type, if-match, if-none-match');
    response.setHeader('Access-Control-Expose-Headers', 'ETag');
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    if (path === '/events') return this.#stream(response);
    if (path.startsWith('/kv')) return this.#keys.answer(request, response);
    if (request.method === 'PUT') {
      this.changes.push(request.url ?? '');
      return void response.end('{}');
    }
    await this.#file(path === '/' ? 'index.html' : path.replace('/dashboard/', ''), response);
  }

  async #file(name: string, response: ServerResponse): Promise<void> {
    const bytes = await readFile(join(PAGE_FOLDER, name)).catch(() => undefined);
    if (bytes === undefined) return void response.writeHead(404).end();
    response.setHeader('Content-Security-Policy', securityPolicy(this.#nodes));
    response.setHeader('Content-Type', TYPES[extname(name)] ?? 'text/plain');
    response.end(bytes);
  }

  #stream(response: ServerResponse): void {
    const played = this.#played;
    if (played === undefined) return void response.writeHead(503).end();
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(eventOf('hello', { ...played.hello, now: Date.now(), history: played.notices }));
    const now = Date.now();
    for (let at = now - 62_000; at < now; at += EVERY_MS) response.write(eventOf('sample', played.sampleAt(at)));
    const timer = setInterval(() => response.write(eventOf('sample', played.sampleAt(Date.now()))), EVERY_MS);
    this.#timers.add(timer);
    this.#streams.add(response);
    response.on('close', () => {
      clearInterval(timer);
      this.#streams.delete(response);
    });
  }
}

function eventOf(kind: string, data: object): string {
  return `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The keys of a cluster that is played: enough of the plain HTTP of a server for the page's key browser. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

interface Cell {
  readonly value: string;
  readonly revision: number;
}

export class FakeKeys {
  readonly #cells = new Map<string, Cell>();
  #revision = 0;

  get revision(): number {
    return this.#revision;
  }

  put(key: string, value: string): number {
    this.#revision += 1;
    this.#cells.set(key, { value, revision: this.#revision });
    return this.#revision;
  }

  valueOf(key: string): string | undefined {
    return this.#cells.get(key)?.value;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://any');
    if (url.pathname === '/kv') return this.#list(url.searchParams, response);
    const key = decodeURIComponent(url.pathname.slice('/kv/'.length));
    const cell = this.#cells.get(key);
    if (!isMet(request, cell)) return void response.writeHead(412).end(failure('the key has another revision'));
    if (request.method === 'PUT') {
      const revision = this.put(key, await text(request));
      return void response.writeHead(200, { ETag: `"${revision}"` }).end(JSON.stringify({ revision }));
    }
    if (cell === undefined) return void response.writeHead(404).end(failure('the key is absent'));
    if (request.method === 'DELETE') {
      this.#cells.delete(key);
      this.#revision += 1;
      return void response.writeHead(204).end();
    }
    response
      .writeHead(200, { ETag: `"${cell.revision}"`, 'Content-Type': 'text/plain; charset=utf-8' })
      .end(cell.value);
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const prefix = query.get('prefix') ?? '';
    const limit = Number(query.get('limit') ?? 1_000);
    const found = [...this.#cells]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const entries = found.slice(0, limit).map(([key, cell]) => ({ key, ...cell }));
    response.end(JSON.stringify({ entries, more: found.length > limit }));
  }
}

function isMet({ headers }: IncomingMessage, cell: Cell | undefined): boolean {
  if (headers['if-none-match'] === '*') return cell === undefined;
  const match = headers['if-match'];
  return match === undefined || match === `"${cell?.revision}"`;
}

function failure(message: string): string {
  return JSON.stringify({ error: { message, data: { name: 'PRECONDITION_FAILED' } } });
}

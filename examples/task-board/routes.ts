/** What is served at which path, and how each request becomes one call of the store. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { checkOrigin, readIdempotencyKey, readIfMatch, readJson, sendFailure, sendJson } from './door.ts';
import type { Live } from './live.ts';
import { Problem, wrongField } from './problem.ts';
import type { ServiceWatch } from './service-watch.ts';
import { isId, readChange, readDraft, type Task } from './task.ts';
import type { TaskStore } from './task-store.ts';

export interface RoutesParts {
  readonly store: TaskStore;
  readonly watch: ServiceWatch;
  readonly live: Live;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** In the path; "" where there is none. */
  readonly id: string;
}

type Handler = (exchange: Exchange) => Promise<void> | void;
/** By path, then by method; HEAD goes where GET goes. */
type Routes = Readonly<Record<string, Readonly<Partial<Record<string, Handler>>>>>;

const MAX_LIST = 500;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ');

export function createRoutes(parts: RoutesParts): RequestListener {
  const routes: Routes = {
    ...taskRoutes(parts),
    ...statusRoutes(parts),
    '/': { GET: file('index.html', 'text/html') },
    '/board.css': { GET: file('board.css', 'text/css') },
    '/board.js': { GET: file('board.js', 'text/javascript') },
    '/saving.js': { GET: file('saving.js', 'text/javascript') },
    '/service.js': { GET: file('service.js', 'text/javascript') },
    '/icon.svg': { GET: file('icon.svg', 'image/svg+xml') },
  };
  return (request, response) => void serve(routes, request, response);
}

function taskRoutes({ store, live }: RoutesParts): Routes {
  return {
    '/tasks': {
      GET: async ({ query, response }) => {
        sendJson(response, 200, await store.list(...readPage(query)));
      },
      POST: async ({ request, response }) => {
        const idempotencyKey = readIdempotencyKey(request);
        const { task, isNew } = await store.create(readDraft(await readJson(request)), idempotencyKey);
        live.lookNow();
        sendTask(response, isNew ? 201 : 200, task);
      },
    },
    '/tasks/:id': {
      GET: async ({ id, response }) => sendTask(response, 200, await store.get(id)),
      PUT: async ({ id, request, response }) => {
        const seen = readIfMatch(request);
        const task = await store.update(id, readChange(await readJson(request)), seen);
        live.lookNow();
        sendTask(response, 200, task);
      },
      DELETE: async ({ id, request, response }) => {
        await store.remove(id, readIfMatch(request));
        live.lookNow();
        response.writeHead(204).end();
      },
    },
  };
}

function statusRoutes({ watch, live }: RoutesParts): Routes {
  return {
    '/events': { GET: ({ response }) => live.add(response) },
    '/status': { GET: async ({ response }) => sendJson(response, 200, await watch.check()) },
    '/health': {
      GET: async ({ response }) => {
        const { state } = await watch.check();
        sendJson(response, state === 'serving' ? 200 : 503, { state });
      },
    },
  };
}

/** Small enough to be held; read once. */
function file(name: string, type: string): Handler {
  const content = readFileSync(new URL(`page/${name}`, import.meta.url));
  const headers = { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-cache' };
  return ({ response }) => void response.writeHead(200, headers).end(content);
}

async function serve(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  try {
    checkOrigin(request);
    const [path = '', query] = (request.url ?? '').split('?', 2);
    const [, id = ''] = /^\/tasks\/([^/]+)$/.exec(path) ?? [];
    const methods = routes[id === '' ? path : '/tasks/:id'];
    if (methods === undefined) throw new Problem(404, 'there is nothing at this path');
    if (id !== '' && !isId(id)) throw new Problem(404, 'there is no such task');
    const handler = methods[request.method === 'HEAD' ? 'GET' : (request.method ?? '')];
    if (handler === undefined) throw new Problem(405, `the methods here are ${Object.keys(methods).join(', ')}`);
    await handler({ request, response, id, query: new URLSearchParams(query) });
  } catch (failure) {
    sendFailure(response, failure);
  }
}

/** The ETag is the version: send it back as If-Match to change just what was seen. */
function sendTask(response: ServerResponse, status: number, task: Task): void {
  const location: Record<string, string> = status === 201 ? { Location: `/tasks/${task.id}` } : {};
  sendJson(response, status, task, { ETag: `"${task.version}"`, ...location });
}

function readPage(query: URLSearchParams): readonly [limit: number, after: string] {
  const limit = Number(query.get('limit') ?? MAX_LIST);
  const after = query.get('after') ?? '';
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIST) {
    throw wrongField('limit', `must be a whole number from 1 to ${MAX_LIST}`);
  }
  if (after !== '' && !isId(after)) throw wrongField('after', 'must be the id of a task');
  return [limit, after];
}

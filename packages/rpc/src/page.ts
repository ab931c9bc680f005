/**
 * Pages: a listener's answers to plain HTTP requests, by path and method. This file finds the page of a request and
 * decodes its query; it knows no sockets, so simulations use it too.
 */
import { UnderstudyError } from './failure.ts';
import { retryAfterOf, statusOf } from './http-status.ts';

export type PageMethod = 'GET' | 'PUT' | 'DELETE';

export interface PageRequest {
  /** HEAD is passed as GET; the transport omits the body of the answer. */
  readonly method: PageMethod;
  /** The path and query as received, percent-encoded. */
  readonly target: string;
  /** The rest of the path after the path of a folder, percent-decoded; "" for any other page. */
  readonly rest: string;
  /** The query parameters, percent-decoded; "+" is a space. No name occurs twice. */
  readonly query: Readonly<Record<string, string>>;
  /** The headers, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of a PUT, which is text/plain in UTF-8; otherwise "". */
  readonly body: string;
  /** Aborts when the client has disconnected. */
  readonly signal: AbortSignal;
}

export interface PageAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The body. An object is sent as JSON, text as text/plain unless `headers` say otherwise, and bytes unchanged. */
  readonly body?: object | string | Uint8Array;
  /** Replaces the body by a stream, sent as text/plain unless `headers` say otherwise. Called once; not for HEAD. */
  readonly stream?: (outlet: PageOutlet) => void;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The writing end of a stream. The stream ends with `end`, or when the request's signal aborts. Later writes are
 * ignored.
 */
export interface PageOutlet {
  /** Writes text. A reader that leaves more unread than `Limits.maxUnsentBytes` is disconnected: the signal aborts. */
  write(text: string): void;
  /** The bytes written that the reader's machine has not accepted yet. A page that writes much should check it. */
  readonly unsentBytes: number;
  end(): void;
}

/**
 * Answers a request. A thrown UnderstudyError is sent as its error object, with the HTTP status for its name. Any other
 * thrown value is a defect: 500.
 */
export type PageHandler = (request: PageRequest) => PageAnswer | Promise<PageAnswer>;

/** A single handler answers GET, and therefore HEAD. */
export type Page = PageHandler | Readonly<Partial<Record<PageMethod, PageHandler>>>;

/**
 * The pages by path, for example `/status`. A path that ends in a slash is a folder: its page receives every path that
 * starts with it.
 */
export type Pages = Readonly<Record<string, Page>>;

/** A request as received from the network. */
export interface Visit {
  readonly method: string;
  /** The path and query, percent-encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Returns the answer of the page; undefined if there is no page. Rejects with a defect. */
export async function visitPage(pages: Pages, visit: Visit): Promise<PageAnswer | undefined> {
  const [path = '', query = ''] = splitOnce(visit.target, '?');
  const name = pageNameOf(pages, path);
  const method = visit.method === 'HEAD' ? 'GET' : (visit.method as PageMethod);
  const handler = name === undefined ? undefined : handlersOf(pages, name)[method];
  if (name === undefined || handler === undefined) return undefined;
  const { target, headers, body, signal } = visit;
  try {
    const rest = decoded('path', path.slice(name.length));
    return await handler({ method, target, rest, query: queryOf(query), headers, body, signal });
  } catch (error) {
    if (error instanceof UnderstudyError) return failureOf(error);
    throw error;
  }
}

/** The methods that a path accepts; undefined if there is no page. */
export function methodsAt(pages: Pages, path: string): readonly string[] | undefined {
  const name = pageNameOf(pages, path);
  if (name === undefined) return undefined;
  return Object.keys(handlersOf(pages, name)).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

function pageNameOf(pages: Pages, path: string): string | undefined {
  const folder = path.slice(0, path.indexOf('/', 1) + 1);
  return [path, folder].find((name) => name !== '' && Object.hasOwn(pages, name));
}

function handlersOf(pages: Pages, name: string): Readonly<Partial<Record<PageMethod, PageHandler>>> {
  const page = pages[name] ?? {};
  return typeof page === 'function' ? { GET: page } : page;
}

function failureOf(error: UnderstudyError): PageAnswer {
  const body = { jsonrpc: '2.0', id: null, error: error.toWire() };
  return { status: statusOf(error.name), body, headers: retryAfterOf(error) };
}

function queryOf(text: string): Readonly<Record<string, string>> {
  const query = new Map<string, string>();
  for (const pair of text.split('&').filter((part) => part !== '')) {
    const [name = '', value = ''] = splitOnce(pair.replaceAll('+', ' '), '=').map((part) => decoded('query', part));
    if (query.has(name)) throw invalid(name, `${name} stands twice in the query`);
    query.set(name, value);
  }
  return Object.fromEntries(query);
}

function decoded(field: string, text: string): string {
  try {
    // The encoding of bytes outside ASCII is unknown, so they are refused.
    if (/^[ -~]*$/.test(text)) return decodeURIComponent(text);
  } catch {}
  throw invalid(field, `the ${field} is not percent-encoded UTF-8`);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}

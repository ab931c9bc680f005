/** Pages: what a listener answers to plain HTTP requests, by path and method. */
import { UnderstudyError } from './failure.ts';
import { retryAfterOf, statusOf } from './http-status.ts';

export type PageMethod = 'GET' | 'PUT' | 'DELETE';

export interface PageRequest {
  /** HEAD comes as GET; the transport leaves the body of the answer out. */
  readonly method: PageMethod;
  /** Path and query as they came, percent-encoded. */
  readonly target: string;
  /** What stands behind the path of a folder, percent-decoded; "" for any other page. */
  readonly rest: string;
  /** Percent-decoded; "+" is a space. No name comes twice. */
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of a PUT, which is text/plain in UTF-8; else "". */
  readonly body: string;
  /** Aborts when whoever asked has gone. */
  readonly signal: AbortSignal;
}

export interface PageAnswer {
  /** Of HTTP. */
  readonly status: number;
  /** An object leaves as JSON, text as text/plain unless `headers` say otherwise, bytes as they are. */
  readonly body?: object | string | Uint8Array;
  /** Instead of a body: what is said bit by bit, as text/plain unless `headers` say otherwise. Called once, not for HEAD. */
  readonly stream?: (outlet: PageOutlet) => void;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The way to whoever reads a stream. It ends by `end`, or when the request's signal aborts; afterwards what is written goes nowhere. */
export interface PageOutlet {
  /** A reader that leaves more unread than `Limits.maxUnsentBytes` is given up: the signal aborts. */
  write(text: string): void;
  /** Bytes written that the reader's machine has not taken yet: whoever writes much should look. */
  readonly unsentBytes: number;
  end(): void;
}

/** A thrown UnderstudyError is answered as its error object, with the status that goes with its name; anything else thrown is a defect: 500. */
export type PageHandler = (request: PageRequest) => PageAnswer | Promise<PageAnswer>;

/** A handler alone answers GET, and so HEAD. */
export type Page = PageHandler | Readonly<Partial<Record<PageMethod, PageHandler>>>;

/** By path, such as `/status`. One that ends in a slash is a folder: it has every path that begins so. */
export type Pages = Readonly<Record<string, Page>>;

/** A request as it came over the wire. */
export interface Visit {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** What the page answers; undefined where there is none. Rejects with what is a defect. */
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

/** The methods that a path takes; undefined where there is no page. */
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
    // Bytes beyond ASCII would have to be guessed at.
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

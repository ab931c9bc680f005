/**
 * Decides which HTTP requests are accepted. A web page must not control a local cluster, and a browser must not be
 * tricked into talking to this server under a stranger's name (DNS rebinding).
 */

import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { leaveFor, OriginRule, preflightLeave } from './origin-rule.ts';
import type { Neighbours } from './transport.ts';

/** Why an HTTP request is refused. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Headers;
}

type Headers = Readonly<Record<string, string>>;

/** The decision on a request. `headers` are added to any answer. */
export type Verdict =
  | { readonly kind: 'taken'; readonly headers: Headers }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly headers: Headers }
  /** A preflight: a browser asks, for a web page, whether it may send a request. */
  | { readonly kind: 'leave'; readonly headers: Headers };

export const RPC_PATH = '/rpc';

export interface HttpRulesOptions {
  /** The host that the listener was told to use. */
  readonly host: string;
  /** The methods that a page accepts; undefined if there is no page. */
  readonly methodsAt: (path: string) => readonly string[] | undefined;
  readonly neighbours?: Neighbours | undefined;
  /** Further host names of this listener. */
  readonly hostNames?: readonly string[] | undefined;
}

export class HttpRules {
  readonly #names: ReadonlySet<string>;
  readonly #methodsAt: HttpRulesOptions['methodsAt'];
  readonly #origins: OriginRule;
  readonly #neighbours: Neighbours | undefined;

  constructor({ host, methodsAt, neighbours, hostNames = [] }: HttpRulesOptions) {
    this.#names = new Set(['localhost', host, hostname(), ...hostNames].map((name) => name.toLowerCase()));
    this.#neighbours = neighbours;
    this.#methodsAt = methodsAt;
    this.#origins = new OriginRule(neighbours);
  }

  /** Decides on a request. The answer is a promise only if the origin of the page must be looked up first. */
  judge(request: IncomingMessage): Verdict | Promise<Verdict> {
    const refusal = this.#hostRefusal(request);
    if (refusal !== undefined) return refused(refusal);
    const { origin, host = '' } = request.headers;
    if (origin === undefined) return this.#judgePath(request, {});
    if (pathOf(request) === RPC_PATH) return refused(FOREIGN_PAGE);
    const isLetIn = this.#origins.letsIn(origin, host);
    if (typeof isLetIn === 'boolean') return this.#judgeOrigin(request, origin, isLetIn);
    return isLetIn.then((answer) => this.#judgeOrigin(request, origin, answer));
  }

  #judgeOrigin(request: IncomingMessage, origin: string, isLetIn: boolean): Verdict {
    if (!isLetIn) return refused(FOREIGN_PAGE);
    const headers = leaveFor(origin);
    const wanted = request.method === 'OPTIONS' ? request.headers['access-control-request-method'] : undefined;
    const methods = wanted === undefined ? undefined : this.#methodsAt(pathOf(request));
    if (methods === undefined) return this.#judgePath(request, headers);
    return { kind: 'leave', headers: { ...headers, ...preflightLeave(methods) } };
  }

  #judgePath(request: IncomingMessage, headers: Headers): Verdict {
    const refusal = this.#pathRefusal(request);
    return refusal === undefined ? { kind: 'taken', headers } : refused(refusal, headers);
  }

  /**
   * Refuses unknown host names: a web page could use a name from its own DNS server to reach this one (DNS rebinding).
   */
  #hostRefusal(request: IncomingMessage): Refusal | undefined {
    const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
    if (hosts.length !== 1) return { status: 400, message: 'an HTTP request has exactly one Host header' };
    const host = hostOf(request.headers.host ?? '');
    if (host === undefined) return { status: 400, message: 'the Host header is malformed' };
    if (isIP(host) !== 0 || this.#names.has(host) || this.#isNeighbour(host)) return undefined;
    return { status: 403, message: NOT_SERVED };
  }

  /** A load balancer or a user may address any node of the cluster by the name of another one. */
  #isNeighbour(host: string): boolean {
    const known = this.#neighbours?.known() ?? [];
    return [...known].some((address) => address.toLowerCase().replace(/:\d+$/, '') === host);
  }

  #pathRefusal(request: IncomingMessage): Refusal | undefined {
    const path = pathOf(request);
    if (path === RPC_PATH) return rpcRefusal(request);
    const methods = this.#methodsAt(path);
    if (methods === undefined) return { status: 404, message: 'no such path' };
    if (!methods.includes(request.method ?? '')) return methodRefusal(methods.join(', '));
    return request.method === 'PUT' ? putRefusal(request) : undefined;
  }
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** The host without port and brackets, in lower case. */
function hostOf(header: string): string | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^\s:[\]/@]+))(?::\d{1,5})?$/.exec(header);
  if (parts === null) return undefined;
  const [, bracketed, name] = parts;
  if (bracketed === undefined) return name?.toLowerCase();
  return isIPv6(bracketed) ? bracketed : undefined;
}

function refused(refusal: Refusal, headers: Headers = {}): Verdict {
  return { kind: 'refused', refusal, headers };
}

const NOT_SERVED = 'this host name is not served here; --allow-host NAME, or the option allowHosts, adds one';

const FOREIGN_PAGE: Refusal = {
  status: 403,
  message: 'web pages that did not come from this cluster (another Origin) are not served, and none is at /rpc',
};

function rpcRefusal(request: IncomingMessage): Refusal | undefined {
  if (request.method !== 'POST') return methodRefusal('POST');
  const [type, ...parameters] = contentTypeOf(request);
  if (type !== 'application/json' || !areUtf8(parameters))
    return { status: 415, message: 'the Content-Type must be application/json, and the text UTF-8' };
  return encodingRefusal(request);
}

/** None of these can be sent by a form on a web page either. */
function putRefusal(request: IncomingMessage): Refusal | undefined {
  const [type, ...parameters] = contentTypeOf(request);
  if (type !== 'text/plain' || !areUtf8(parameters))
    return { status: 415, message: 'the Content-Type must be text/plain, and the text UTF-8' };
  return encodingRefusal(request);
}

/**
 * Compressed content would be taken for the text itself: not JSON, or a wrong value. A partial body would be taken for
 * the whole.
 */
function encodingRefusal({ headers }: IncomingMessage): Refusal | undefined {
  const transfer = (headers['transfer-encoding'] ?? 'chunked').trim().toLowerCase();
  if (transfer !== 'chunked') return { status: 501, message: 'only the Transfer-Encoding chunked is understood' };
  if (headers['content-range'] !== undefined)
    return { status: 400, message: 'a body is taken as a whole: leave out Content-Range' };
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return undefined;
  const message = 'a body must not be compressed: only the Content-Encoding identity is taken';
  return { status: 415, message, headers: { 'Accept-Encoding': 'identity' } };
}

function areUtf8(parameters: readonly string[]): boolean {
  return parameters.every((parameter) => !/^charset=(?!"?utf-8"?$)/.test(parameter));
}

/** The content type in lower case, followed by its parameters. */
function contentTypeOf({ headers }: IncomingMessage): readonly string[] {
  return (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
}

function methodRefusal(allow: string): Refusal {
  return { status: 405, message: `only ${allow} here`, headers: { Allow: allow } };
}

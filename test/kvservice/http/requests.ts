/** Short words for HTTP requests about keys, and for what comes back. */
import { type HttpRequest, type HttpResponse, httpRequest, sayHttp } from '../../rpc/support/http.ts';

export function put(url: string, value: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'PUT', body: value, headers: { 'Content-Type': 'text/plain', ...headers } });
}

/** Over a connection of its own, with exactly these headers. */
export function request(address: string, parts: HttpRequest): Promise<HttpResponse> {
  return sayHttp(address, httpRequest(parts));
}

export function tagOf({ headers }: Response): string {
  return headers.get('etag') ?? 'none';
}

/** Status, name of the failure, and whether the operation is definitely not done. */
export async function failureIn(response: Response | Promise<Response>): Promise<readonly [number, string, boolean]> {
  const answer = await response;
  const { error } = (await answer.json()) as Told;
  return [answer.status, error.data.name, error.data.definite];
}

interface Told {
  readonly error: { readonly data: { readonly name: string; readonly definite: boolean } };
}

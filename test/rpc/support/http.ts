/** HTTP by hand: any bytes out, the response in parts. */
import type { Address } from '@understudy/rpc';
import { RawConnection } from './raw-connection.ts';

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Says `text` on a connection of its own, and reads one response to its end. */
export async function sayHttp(address: Address, text: string | Uint8Array): Promise<HttpResponse> {
  const connection = await RawConnection.open(address);
  connection.say(text);
  try {
    return await readResponse(connection);
  } finally {
    connection.close();
  }
}

export interface HttpRequest {
  readonly method?: string;
  readonly path?: string;
  /** As header lines. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

/** A request with the headers that a decent client sends, and those given. */
export function httpRequest({ method = 'POST', path = '/rpc', headers, body = '' }: HttpRequest): Uint8Array {
  const bytes = Buffer.from(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(headers ?? ['Host: localhost', 'Content-Type: application/json']),
    ...(bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : []),
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(lines.join('\r\n')), bytes]);
}

/** Reads the next response of a connection. */
export async function readResponse(connection: RawConnection, from = 0): Promise<HttpResponse> {
  for (;;) {
    const text = connection.received.slice(from);
    const end = text.indexOf('\r\n\r\n');
    if (end !== -1) {
      const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => headerOf(line)));
      const body = text.slice(end + 4);
      const length = Number(headers['content-length'] ?? 0);
      if (Buffer.byteLength(body) >= length) {
        return {
          status: Number(statusLine.split(' ')[1]),
          headers,
          body: Buffer.from(body).toString('utf8', 0, length),
        };
      }
    }
    if (connection.isOver) {
      throw new Error(`the connection ended after ${JSON.stringify(connection.received)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** What comes in and goes out over HTTP: who may ask, bodies of bounded size, JSON, and errors in words. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { UnderstudyError } from '@understudy/rpc';
import { Problem, wrongField } from './problem.ts';

/** A task at its longest fits in, whatever it is written in. */
const MAX_BODY_BYTES = 16 * 1_024;
/** What is over the limit is read on without being kept, so that the answer arrives; up to here. */
const MAX_UNKEPT_BYTES = 1_024 * 1_024;

/** Pages of other sites may not drive a board on this machine, neither by its address nor by a name that they made lead here. */
export function checkOrigin({ headers }: IncomingMessage): void {
  const { host = '', origin } = headers;
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (name !== 'localhost' && isIP(name) === 0)
    throw new Problem(403, 'open the board as localhost or by its IP address');
  if (origin !== undefined && origin !== `http://${host}`)
    throw new Problem(403, 'this request comes from another site');
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Problem(415, 'the Content-Type must be application/json');
  const body = await readBody(request);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw wrongField('body', 'must be JSON in UTF-8');
  }
}

/** The version in `If-Match: "3"`; undefined where any will do. */
export function readIfMatch({ headers }: IncomingMessage): number | undefined {
  const text = headers['if-match'];
  if (text === undefined || text === '*') return undefined;
  const version = /^"(\d{1,15})"$/.exec(text)?.[1];
  if (version === undefined) throw wrongField('If-Match', 'must be the ETag of a task, such as "3" with its quotes');
  return Number(version);
}

export function readIdempotencyKey({ headers }: IncomingMessage): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && /^[\x21-\x7e]{1,100}$/.test(key))) return key;
  throw wrongField('Idempotency-Key', 'must be 1 to 100 visible ASCII characters');
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const type = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
  response.writeHead(status, { ...type, ...headers }).end(`${JSON.stringify(body)}\n`);
}

export function sendFailure(response: ServerResponse, failure: unknown): void {
  if (failure instanceof Problem) {
    const { status, message, details } = failure;
    return sendJson(response, status, { error: { message, ...details } });
  }
  if (failure instanceof UnderstudyError) {
    const { name, definite } = failure;
    return sendJson(response, 503, { error: { message: inWords(definite), name, definite } }, { 'Retry-After': '1' });
  }
  console.error(failure);
  sendJson(response, 500, { error: { message: 'a defect in the task board; its log says more' } });
}

function inWords(isDefinitelyNotDone: boolean): string {
  if (isDefinitelyNotDone) return 'the service did not answer in time; nothing was changed: send the request again';
  return (
    'the service did not answer in time, and it is not known whether the change was made: send the request again, with the same ' +
    'Idempotency-Key or If-Match, and it is made once'
  );
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    if (bytes > MAX_UNKEPT_BYTES) break; // which ends the connection
  }
  if (bytes > MAX_BODY_BYTES) throw new Problem(413, `the body must have at most ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(chunks);
}

/** Reads the body of an HTTP request, up to a limit. */
import type { IncomingMessage } from 'node:http';

export const BODY_TOO_LARGE = Symbol('body too large');

/** Calls back once, with the body or with BODY_TOO_LARGE; never if the request is aborted. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  onBody: (body: Buffer | typeof BODY_TOO_LARGE) => void,
  onChunk: (bytes: number) => void = () => {},
): void {
  if (isAnnouncedOver(request, maxBytes)) return onBody(BODY_TOO_LARGE);
  let chunks: Buffer[] = [];
  let bytes = 0;
  const isOver = (): boolean => bytes > maxBytes;
  request.on('data', (chunk: Buffer) => {
    if (isOver()) return;
    bytes += chunk.length;
    onChunk(chunk.length);
    if (!isOver()) return void chunks.push(chunk);
    chunks = [];
    onBody(BODY_TOO_LARGE);
  });
  request.on('end', () => {
    if (!isOver()) onBody(Buffer.concat(chunks, bytes));
  });
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whether the Content-Length header already exceeds the limit. */
export function isAnnouncedOver({ headers }: IncomingMessage, maxBytes: number): boolean {
  return Number(headers['content-length'] ?? 0) > maxBytes;
}

/** Node's HTTP server with this project's bounds. It receives only connections that speak HTTP. */
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { assert } from './assert.ts';
import type { Clock } from './clock.ts';
import { type HttpDoor, rawRefusal } from './http-door.ts';
import type { Limits } from './limits.ts';
import { endGently } from './socket-end.ts';

/** How often Node checks for requests that take too long. */
const CHECK_INTERVAL_MS = 1_000;

export interface HttpServerOptions {
  readonly door: HttpDoor;
  readonly clock: Clock;
  readonly limits: Limits;
}

export function createHttpServer({ door, clock, limits }: HttpServerOptions): Server {
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    requireHostHeader: false, // HttpRules checks it, and answers in JSON
  });
  server.timeout = 2 * limits.requestTimeoutMs + CHECK_INTERVAL_MS; // also for a peer that does not read its answer
  server.on('request', (request, response) => door.handle(request, response, false));
  server.on('checkContinue', (request, response) => door.handle(request, response, true));
  server.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    if (socket.writableEnded) return;
    // If an answer is due, this would be taken for it.
    if (!socket.writable || door.waiting(socket) > 0) return void socket.destroy();
    const { status, message } = malformed(error.code);
    socket.write(rawRefusal(status, message));
    endGently(socket, clock, limits.lingerMs);
  });
  return server;
}

/** Sends new connections to `onConnection`. The returned function serves one of them as HTTP. */
export function divertConnections(server: Server, onConnection: (socket: Socket) => void): (socket: Socket) => void {
  const [serveHttp, ...others] = server.listeners('connection');
  assert(serveHttp !== undefined && others.length === 0, 'an HTTP server listens for its connections once');
  server.removeAllListeners('connection');
  server.on('connection', onConnection);
  return (socket) => void serveHttp.call(server, socket);
}

function malformed(code: string | undefined): { readonly status: string; readonly message: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: '431 Request Header Fields Too Large', message: 'the headers are too large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: '408 Request Timeout', message: 'the request did not arrive in time' };
    default:
      return { status: '400 Bad Request', message: 'malformed HTTP' };
  }
}

/**
 * A listener on one port for newline-delimited JSON-RPC over TCP and for HTTP/1.1. The first bytes of a connection
 * decide which it is. Malformed input is rejected without affecting other connections.
 */
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { formatAddress, parseAddress } from './address.ts';
import type { Clock } from './clock.ts';
import { Dispatcher } from './dispatcher.ts';
import { UnderstudyError } from './failure.ts';
import { meet } from './first-bytes.ts';
import type { Guest } from './guest.ts';
import type { Guests } from './guests.ts';
import { HttpDoor } from './http-door.ts';
import { createHttpServer, divertConnections } from './http-server.ts';
import type { Limits } from './limits.ts';
import { LineConnection } from './line-connection.ts';
import type { OnDefect } from './reply-once.ts';
import { endGently } from './socket-end.ts';
import type { Address, Listener, ListenOptions } from './transport.ts';
import { TurnShare } from './turn-share.ts';

/** After this much silence the system checks whether the other machine is still alive. */
const KEEP_ALIVE_DELAY_MS = 30_000;

export interface ListeningOptions extends ListenOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  /** All connections to the listeners of this process. */
  readonly guests: Guests;
  readonly onDefect: OnDefect;
}

/**
 * A listener that cannot accept connections reports this at most once per minute, because every attempted connection
 * may fail.
 */
const TELL_AGAIN_MS = 60_000;

/**
 * Starts a listener. Fails with CONFLICTING_SERVER if the address is in use, and with INVALID_PARAMS if it cannot be
 * used.
 */
export async function startListening(options: ListeningOptions): Promise<Listener> {
  const listening = new Listening(options);
  await listening.start();
  return listening;
}

class Listening implements Listener {
  readonly #options: ListeningOptions;
  readonly #dispatcher: Dispatcher;
  readonly #server: Server;
  readonly #door: HttpDoor;
  readonly #serveHttp: (socket: Socket) => void;
  readonly #peerMethods: ReadonlySet<unknown>;
  #toldMs = Number.NEGATIVE_INFINITY;
  readonly #turnShare: TurnShare;
  /** Connections that use lines. */
  readonly #lines = new Map<Socket, LineConnection>();
  /** All other connections. */
  readonly #sockets = new Set<Socket>();
  #address: Address;
  #closed: Promise<void> | undefined;

  constructor(options: ListeningOptions) {
    const { address, pages = {}, neighbours, hostNames = [], clock, limits, onDefect } = options;
    this.#options = options;
    this.#address = address;
    this.#turnShare = new TurnShare(clock);
    this.#dispatcher = new Dispatcher({ ...options, turnShare: this.#turnShare });
    const { host } = parseAddress(address, 'listen');
    this.#peerMethods = new Set(options.peerMethods);
    this.#door = new HttpDoor({
      host,
      pages,
      neighbours,
      hostNames,
      dispatcher: this.#dispatcher,
      turnShare: this.#turnShare,
      clock,
      limits,
      onDefect,
    });
    this.#server = createHttpServer({ door: this.#door, clock, limits });
    this.#serveHttp = divertConnections(this.#server, (socket) => this.#welcome(socket));
  }

  get address(): Address {
    return this.#address;
  }

  start(): Promise<void> {
    const { host, port } = parseAddress(this.#address, 'listen');
    return new Promise((resolve, reject) => {
      const refused = (error: NodeJS.ErrnoException): void => reject(cannotListen(this.#address, error));
      this.#server.once('error', refused);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', refused);
        this.#server.on('error', (error) => this.#tell(error));
        this.#address = formatAddress({ host, port: (this.#server.address() as AddressInfo).port });
        resolve();
      });
    });
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const connection of this.#lines.values()) connection.close();
      const { clock, limits } = this.#options;
      for (const socket of this.#sockets) endGently(socket, clock, limits.lingerMs);
    });
    return this.#closed;
  }

  /** A connection could not be accepted, for example because no more files can be opened. The next one may succeed. */
  #tell(error: Error): void {
    const { clock, onDefect } = this.#options;
    if (clock.now() - this.#toldMs < TELL_AGAIN_MS) return;
    this.#toldMs = clock.now();
    onDefect(error);
  }

  #welcome(socket: Socket): void {
    socket.on('error', () => {}); // 'close' follows and is handled
    const guest = this.#options.guests.welcome(socket);
    if (guest === undefined) return;
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    meet(socket, {
      onHttp: () => {
        guest.protocol = this.#door.join(socket, this.#note);
        this.#serveHttp(socket);
      },
      onLines: (first, inputEnded) => this.#serveLines(guest, first, inputEnded),
    });
  }

  readonly #note = (bytes: number): void => this.#options.guests.note(bytes);

  #serveLines(guest: Guest, first: Buffer, inputEnded: boolean): void {
    const { socket } = guest;
    const { clock, limits } = this.#options;
    const shared = { dispatcher: this.#dispatcher, turnShare: this.#turnShare, peerMethods: this.#peerMethods };
    const connection = new LineConnection({ socket, clock, limits, ...shared, note: this.#note });
    guest.protocol = connection;
    this.#sockets.delete(socket);
    this.#lines.set(socket, connection);
    socket.once('close', () => this.#lines.delete(socket));
    connection.read(first);
    if (inputEnded) connection.endInput();
  }
}

function cannotListen(address: Address, error: NodeJS.ErrnoException): UnderstudyError {
  const taken = error.code === 'EADDRINUSE';
  const message = taken
    ? `cannot listen on ${address}: it is taken`
    : `cannot listen on ${address}: ${error.code ?? error.message}`;
  return new UnderstudyError(taken ? 'CONFLICTING_SERVER' : 'INVALID_PARAMS', message, {
    cause: error,
    data: taken ? {} : { field: 'listen' },
  });
}

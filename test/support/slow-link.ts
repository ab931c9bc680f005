/** A link that is long or thin: a TCP proxy on loopback that delays every byte, and lets so many bytes pass in a second. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { parseAddress } from '@understudy/rpc';

export interface SlowLinkOptions {
  /** Milliseconds, each way. */
  readonly delayMs?: number;
  /** Bytes in a millisecond, each way, over all connections; Infinity unless set. */
  readonly bytesPerMs?: number;
}

/** Bytes on the way in one direction of a connection; beyond them nothing more is read. */
const MOST_ON_THE_WAY = 64 * 1024;
/** No piece is longer, so that connections share the rate. */
const PIECE = 8 * 1024;

export class SlowLink implements AsyncDisposable {
  /** Bytes that were sent towards the target. */
  sent = 0;
  readonly #options: SlowLinkOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target = '';

  constructor(options: SlowLinkOptions) {
    this.#options = options;
    this.#server = createServer((near) => this.#join(near));
  }

  /** Where to send what is for the target. */
  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  leadTo(target: string): void {
    this.#target = target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const far = connect({ ...parseAddress(this.#target), noDelay: true });
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk: Buffer) => {
      this.sent += chunk.length;
    });
    this.#carry(near, far, this.#up);
    this.#carry(far, near, this.#down);
  }

  readonly #up = { freeAtMs: 0 };
  readonly #down = { freeAtMs: 0 };

  /** The line is busy with each piece for as long as its rate says; then the piece takes its way. One timer keeps the order. */
  #carry(from: Socket, to: Socket, line: { freeAtMs: number }): void {
    const { delayMs = 0, bytesPerMs = Infinity } = this.#options;
    const way: { readonly piece: Buffer; readonly dueMs: number }[] = [];
    let onTheWay = 0;
    const deliver = (): void => {
      for (let next = way[0]; next !== undefined; next = way[0]) {
        const waitMs = next.dueMs - performance.now();
        if (waitMs > 0) return void setTimeout(deliver, waitMs);
        way.shift();
        onTheWay -= next.piece.length;
        if (!to.destroyed) to.write(next.piece);
        if (onTheWay <= MOST_ON_THE_WAY) from.resume();
      }
    };
    from.on('data', (chunk: Buffer) => {
      const isIdle = way.length === 0;
      onTheWay += chunk.length;
      if (onTheWay > MOST_ON_THE_WAY) from.pause();
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        line.freeAtMs = Math.max(performance.now(), line.freeAtMs) + piece.length / bytesPerMs;
        way.push({ piece, dueMs: line.freeAtMs + delayMs });
      }
      if (isIdle) deliver();
    });
  }
}

/** A peer that answers as a test tells it to: byte by byte, wrongly, or never. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '@understudy/rpc';

export interface PeerRequest {
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export class FakePeer {
  readonly #server: Server;
  readonly connections: Socket[] = [];
  /** Chunks as they came, of all connections. */
  readonly chunks: string[] = [];
  readonly requests: PeerRequest[] = [];
  onConnection: (socket: Socket) => void = () => {};

  private constructor(onRequest: (request: PeerRequest, socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.connections.push(socket);
      socket.on('error', () => {});
      let rest = '';
      socket.on('data', (chunk: Buffer) => {
        this.chunks.push(chunk.toString());
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const request = JSON.parse(line) as PeerRequest;
          this.requests.push(request);
          onRequest(request, socket);
        }
      });
      this.onConnection(socket);
    });
  }

  static async start(onRequest: (request: PeerRequest, socket: Socket) => void): Promise<FakePeer> {
    const peer = new FakePeer(onRequest);
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    return peer;
  }

  get address(): Address {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function answerLine(id: unknown, result: unknown): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`;
}

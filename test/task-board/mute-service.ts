/** A monitor and primary in one that takes every operation and answers none. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export class MuteService implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      createInterface({ input: socket }).on('line', (line) => {
        const { id, method } = JSON.parse(line) as { readonly id: unknown; readonly method: string };
        const result = this.#answerTo(method);
        if (result !== undefined) socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
      });
    });
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answerTo(method: string): object | undefined {
    if (method === 'sysmonitor.view') return { viewnum: 1, primary: this.address, backups: [], syncing: [] };
    if (method === 'kv.openSession') return { session: 's' };
    return undefined;
  }
}

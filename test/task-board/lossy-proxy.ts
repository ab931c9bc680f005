/** Stands between a page and its board, and loses answers: the board has done what it was asked, and the page does not hear of it. */
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class LossyProxy implements AsyncDisposable {
  readonly #server: Server;
  #answers = 0;
  lost = 0;

  /** Loses every `nth` answer. */
  constructor(target: string, nth: number) {
    this.#server = createServer((incoming, outgoing) => {
      const { method, headers, url = '/' } = incoming;
      const passed = httpRequest(new URL(url, target), { method, headers }, (answer) => {
        this.#answers += 1;
        if (this.#answers % nth === 0) {
          this.lost += 1;
          answer.resume();
          return void outgoing.destroy();
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
  }

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

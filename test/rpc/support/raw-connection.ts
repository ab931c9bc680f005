/** A plain TCP connection to a listener: says any bytes, and gives what comes back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Address, parseAddress } from '@understudy/rpc';

export class RawConnection {
  readonly socket: Socket;
  /** All that came, decoded. */
  received = '';
  #taken = 0;
  /** Woken by whatever happens on the socket. */
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {}); // a reset shows as the end
    const wake = (): void => {
      for (const waiting of this.#waiting.splice(0)) waiting();
    };
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('utf8');
      wake();
    });
    socket.on('end', wake);
    socket.on('close', wake);
  }

  /** `localAddress`: of the caller, one of this machine. */
  static async open(address: Address, localAddress = '127.0.0.1'): Promise<RawConnection> {
    const socket = connect({ ...parseAddress(address), localAddress, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  say(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Says a request as a line. */
  request(id: unknown, method: string, params?: unknown): void {
    this.say(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  }

  /** The next line that comes, parsed. */
  async answer(): Promise<unknown> {
    for (;;) {
      const end = this.received.indexOf('\n', this.#taken);
      if (end !== -1) {
        const line = this.received.slice(this.#taken, end);
        this.#taken = end + 1;
        return JSON.parse(line);
      }
      await this.#more();
    }
  }

  async answers(count: number): Promise<unknown[]> {
    const answers: unknown[] = [];
    while (answers.length < count) answers.push(await this.answer());
    return answers;
  }

  get isOver(): boolean {
    return this.socket.readableEnded || this.socket.destroyed;
  }

  /** All that came, once the other end has ended the connection. */
  async untilEnd(): Promise<string> {
    while (!this.isOver) await this.#change();
    return this.received;
  }

  close(): void {
    this.socket.destroy();
  }

  async #more(): Promise<void> {
    const before = this.received.length;
    while (this.received.length === before) {
      if (this.isOver) throw new Error(`the connection ended; it had said ${JSON.stringify(this.received)}`);
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

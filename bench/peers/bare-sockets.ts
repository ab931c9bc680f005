/**
 * What no service of Node processes can fall below: as many bytes as a request has go through as many processes, and nothing is done with them.
 * A put goes from the client to one process, from that to a second, and all the way back; a get to one and back. No format, no checks, no store.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.ts';

const BYTES = 250;

export async function startBareSockets(): Promise<Peer> {
  const backup = await Process.start();
  const primary = await Process.start(backup.port);
  const puts = await Line.to(primary.port);
  const gets = await Line.to(backup.port);
  return {
    name: 'bare sockets',
    servers: new Map([
      ['primary', primary.pid],
      ['backup', backup.pid],
    ]),
    put: () => puts.there(),
    get: async (_key, expected) => {
      await gets.there();
      return expected;
    },
    [Symbol.asyncDispose]: async () => {
      puts.close();
      gets.close();
      await primary.end();
      await backup.end();
    },
  };
}

class Process {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
  }

  static async start(next?: number): Promise<Process> {
    const child = fork(
      fileURLToPath(new URL('bare-server.ts', import.meta.url)),
      next === undefined ? [] : [String(next)],
    );
    const [port] = (await once(child, 'message')) as [number];
    return new Process(child, port);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  async end(): Promise<void> {
    const ended = once(this.#process, 'close');
    this.#process.kill();
    await ended;
  }
}

/** A connection over which equal messages go there and back, those of one turn in one write. */
class Line {
  readonly #socket: Socket;
  readonly #message = 'x'.repeat(BYTES);
  readonly #waiting: (() => void)[] = [];
  #bytesBack = 0;
  #isCorked = false;

  private constructor(socket: Socket) {
    this.#socket = socket.on('data', ({ length }) => this.#arrived(length));
  }

  static async to(port: number): Promise<Line> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Line(socket);
  }

  there(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#holdUntilTurnEnds();
      this.#socket.write(this.#message);
    });
  }

  #holdUntilTurnEnds(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }

  #arrived(bytes: number): void {
    this.#bytesBack += bytes;
    const whole = Math.floor(this.#bytesBack / BYTES);
    this.#bytesBack -= whole * BYTES;
    for (const resolve of this.#waiting.splice(0, whole)) resolve();
  }

  close(): void {
    this.#socket.destroy();
  }
}

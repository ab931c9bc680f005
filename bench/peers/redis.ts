/** Redis: a primary and a replica in memory; a write is acknowledged when WAIT says that the replica has it. */
import { Redis } from 'ioredis';
import type { Peer } from './peer.ts';
import { eventually, freePorts, Program, Scratch } from './program.ts';

export class RedisPair implements AsyncDisposable {
  readonly servers: ReadonlyMap<string, number>;
  readonly #directory: Scratch;
  readonly #programs: readonly Program[];
  readonly #port: number;
  readonly #clients: Redis[] = [];

  private constructor(directory: Scratch, programs: readonly Program[], port: number) {
    this.#directory = directory;
    this.#programs = programs;
    this.#port = port;
    const [primary, replica] = programs;
    this.servers = new Map([
      ['primary', primary?.pid ?? 0],
      ['replica', replica?.pid ?? 0],
    ]);
  }

  static async start(): Promise<RedisPair> {
    const directory = await Scratch.make('redis');
    const [port = 0, replicaPort = 0] = await freePorts(2);
    const common = ['--save', '', '--appendonly', 'no', '--dir', directory.path, '--bind', '127.0.0.1'];
    const primary = new Program('redis-server', [...common, '--port', String(port)]);
    const replica = new Program('redis-server', [
      ...common,
      '--port',
      String(replicaPort),
      '--replicaof',
      `127.0.0.1 ${port}`,
    ]);
    const pair = new RedisPair(directory, [primary, replica], port);
    await eventually(async () => {
      const client = pair.client(false);
      try {
        await client.set('hello', 'there');
        if ((await client.wait(1, 100)) < 1) throw new Error('the replica has nothing yet');
      } finally {
        client.disconnect();
      }
    });
    return pair;
  }

  /** A SET and a WAIT for each operation, on one connection. */
  waitingEach(autoPipelining: boolean): Peer {
    const client = this.client(autoPipelining);
    return {
      name: `Redis, SET+WAIT each${autoPipelining ? ', auto-pipelining' : ''}`,
      servers: this.servers,
      put: async (key, value) => {
        const set = client.set(key, value);
        const held = client.wait(1, 0);
        await set;
        acknowledged(await held);
      },
      get: (key) => client.get(key),
      [Symbol.asyncDispose]: async () => client.disconnect(),
    };
  }

  /** All SETs of a turn in one pipeline with one WAIT behind them, at most two pipelines under way. */
  handTuned(): Peer {
    const client = this.client(false);
    const pipelines = new Pipelines(client);
    return {
      name: 'Redis, hand-tuned',
      servers: this.servers,
      put: (key, value) => pipelines.set(key, value),
      [Symbol.asyncDispose]: async () => client.disconnect(),
    };
  }

  client(enableAutoPipelining: boolean): Redis {
    const client = new Redis({ port: this.#port, host: '127.0.0.1', enableAutoPipelining, lazyConnect: false });
    client.on('error', () => {}); // what it says while the server is not up yet; commands fail by themselves
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await Promise.all(this.#programs.map((program) => program[Symbol.asyncDispose]()));
    await this.#directory[Symbol.asyncDispose]();
  }
}

const MOST_PIPELINES = 2;

interface Waiting {
  readonly key: string;
  readonly value: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class Pipelines {
  readonly #client: Redis;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #isDue = false;

  constructor(client: Redis) {
    this.#client = client;
  }

  set(key: string, value: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, value, resolve, reject });
      this.#sendLater();
    });
  }

  #sendLater(): void {
    if (this.#isDue || this.#underWay >= MOST_PIPELINES) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (this.#waiting.length > 0) void this.#send(this.#waiting.splice(0));
    });
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#underWay += 1;
    const pipeline = this.#client.pipeline();
    for (const { key, value } of batch) pipeline.set(key, value);
    pipeline.wait(1, 0);
    try {
      const results = (await pipeline.exec()) ?? [];
      const failure = results.find(([error]) => error !== null)?.[0];
      if (failure !== undefined) throw failure;
      acknowledged(Number(results.at(-1)?.[1]));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#underWay -= 1;
    if (this.#waiting.length > 0) this.#sendLater();
  }
}

function acknowledged(replicas: number): void {
  if (!(replicas >= 1)) throw new Error('no replica has it');
}

/** A cluster whose servers and monitor answer by a script, and a client of it, in a simulated world. */
import { type ClientNotice, KVClient, type KVClientOptions } from '@understudy/kvservice';
import { type FailureName, type Params, type Reply, UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { ClientModel } from './client-model.ts';

export interface Asked {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly server: string;
  readonly method: string;
  readonly params: Params;
}

/**
 * What a server does instead of serving; with `after` it serves too, so many milliseconds later, but says nothing of it.
 */
export type Instead = { readonly after?: number } & (
  | { readonly fail: FailureName; readonly data?: Params; readonly definite?: boolean }
  | { readonly hang: true }
  | { readonly answer: object }
  | { readonly crash: true }
);

export type Script = (asked: Asked, count: number) => Instead | undefined;

export const MONITOR = 'm:1';
const SERVERS = ['a:1', 'b:1', 'c:1'] as const;

export class ScriptedCluster {
  readonly world: SimulatedWorld;
  readonly model = new ClientModel();
  /** What the monitor tells, and every server knows. */
  view: View = { viewnum: 1, primary: 'a:1', backups: ['b:1'], syncing: [], cluster: 'cluster-1' };
  /** What reached a server. */
  readonly asked: Asked[] = [];
  /** Requests of many operations, each of which stands in `asked` too, if it was looked at. */
  readonly batches: Asked[] = [];
  /** When the monitor was asked. */
  readonly questions: number[] = [];
  readonly notices: ClientNotice[] = [];
  readonly #counts = new Map<string, number>();
  /** What servers do instead of serving; `count` counts the requests by this method. */
  script: Script = () => undefined;
  /** What servers do instead of taking requests of many; what they would do with each operation is up to `script`. */
  batchScript: Script = () => undefined;
  /** What the monitor does instead of telling the view. */
  monitor: (count: number) => View | UnderstudyError | 'hang' = () => this.view;

  constructor(seed: number | string = 1) {
    this.world = new SimulatedWorld({ seed });
  }

  async start(): Promise<void> {
    const methods = { 'sysmonitor.view': (_: Params, reply: Reply) => this.#tellView(reply) };
    await this.world.process('m').world.transport.listen({ address: MONITOR, methods });
    for (const server of SERVERS) await this.startServer(server);
  }

  /** Also one that crashed. */
  async startServer(server: string): Promise<void> {
    const process = this.world.process(nameOf(server));
    if (!process.alive) process.restart();
    const names = ['get', 'put', 'append', 'putHash', 'delete', 'cas', 'scan', 'openSession', 'closeSession'];
    const methods = Object.fromEntries(
      names.map((name) => [
        `kv.${name}`,
        (params: Params, reply: Reply) =>
          this.#serve({ at: this.world.now, server, method: `kv.${name}`, params }, reply),
      ]),
    );
    const batch = (params: Params, reply: Reply) => this.#serveMany(server, params, reply);
    await process.world.transport.listen({ address: server, methods: { ...methods, 'kv.batch': batch } });
  }

  client(options: Partial<KVClientOptions> = {}): KVClient {
    const { world } = this.world.process('client');
    return new KVClient({ monitors: MONITOR, world, onNotice: (notice) => this.notices.push(notice), ...options });
  }

  /** The next view, with this primary. */
  promote(primary: string, backups: readonly string[] = []): void {
    this.view = { ...this.view, viewnum: this.view.viewnum + 1, primary, backups };
  }

  crash(server: string): void {
    this.world.process(nameOf(server)).crash();
  }

  /** What reached a server by this method. */
  of(method: string): readonly Asked[] {
    return this.asked.filter((asked) => asked.method === method);
  }

  /** Of the notices of this kind. */
  noticed<Kind extends ClientNotice['kind']>(kind: Kind): readonly Extract<ClientNotice, { kind: Kind }>[] {
    return this.notices.filter((notice) => notice.kind === kind) as Extract<ClientNotice, { kind: Kind }>[];
  }

  /** The client left nothing behind. */
  expectNothingLeft(): void {
    const { timers, calls } = this.world.process('client').leftovers;
    expect({ timers, calls }).to.deep.equal({ timers: 0, calls: 0 });
  }

  #tellView(reply: Reply): void {
    this.questions.push(this.world.now);
    const answer = this.monitor(this.questions.length);
    if (answer === 'hang') return;
    if (answer instanceof UnderstudyError) reply.failure(answer);
    else reply.result(answer);
  }

  /** Each as if it had come alone; the answer leaves when all have theirs. */
  #serveMany(server: string, params: Params, reply: Reply): void {
    const { session, acked, operations } = params;
    const asked = { at: this.world.now, server, method: 'kv.batch', params };
    const instead = this.batchScript(asked, this.batches.push(asked));
    if (instead !== undefined) return this.#act(instead, asked, reply);
    const packed = operations as readonly (readonly unknown[])[];
    const results: object[] = [];
    let missing = packed.length;
    const take = (index: number, item: object): void => {
      results[index] = item;
      missing -= 1;
      if (missing === 0) reply.result({ results });
    };
    for (const [index, operation] of packed.entries()) {
      const { method, params } = singleOf(operation, { session, acked });
      this.#serve(
        { at: this.world.now, server, method, params },
        {
          result: (value) => take(index, value),
          failure: (error) => take(index, { error: error.toWire() }),
        },
      );
    }
  }

  #serve(asked: Asked, reply: Reply): void {
    this.asked.push(asked);
    const count = (this.#counts.get(asked.method) ?? 0) + 1;
    this.#counts.set(asked.method, count);
    const instead = this.script(asked, count);
    if (instead === undefined) {
      const answer = this.#serveNow(asked);
      if (answer instanceof UnderstudyError) reply.failure(answer);
      else reply.result(answer);
      return;
    }
    if (instead.after === 0) this.#serveNow(asked);
    else if (instead.after !== undefined) this.world.at(instead.after, () => this.#serveNow(asked));
    this.#act(instead, asked, reply);
  }

  #serveNow(asked: Asked): object {
    return this.#isServedBy(asked) ? this.model.answer(asked.method, asked.params) : this.#notPrimary();
  }

  #isServedBy({ server, params }: Asked): boolean {
    return (
      server === this.view.primary || (params['consistency'] === 'sequential' && this.view.backups.includes(server))
    );
  }

  #notPrimary(): UnderstudyError {
    return new UnderstudyError('NOT_PRIMARY', 'not primary', { data: { view: this.view } });
  }

  #act(instead: Instead, { server }: Asked, reply: Reply): void {
    if ('answer' in instead) reply.result(instead.answer);
    else if ('crash' in instead) this.crash(server);
    else if ('fail' in instead) {
      const { fail, data = {}, definite } = instead;
      reply.failure(
        new UnderstudyError(fail, `scripted ${fail}`, { data, ...(definite !== undefined && { definite }) }),
      );
    }
  }
}

/** Runs a body against a fresh cluster; time passes while it waits. */
export async function withCluster(
  body: (cluster: ScriptedCluster) => Promise<void>,
  seed?: number | string,
): Promise<void> {
  const cluster = new ScriptedCluster(seed);
  await cluster.world.run(
    async () => {
      await cluster.start();
      await body(cluster);
    },
    { limitMs: 600_000 },
  );
  expect(cluster.world.network.defects).to.deep.equal([]);
}

/** The failure that an operation ends with. */
export async function failureOf(operation: Promise<unknown>): Promise<UnderstudyError> {
  let result: unknown;
  try {
    result = await operation;
  } catch (error) {
    if (error instanceof UnderstudyError) return error;
    throw error;
  }
  throw new Error(`it should have failed, but gave ${JSON.stringify(result)}`);
}

function nameOf(server: string): string {
  return server.split(':')[0] ?? server;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  get: ['key'],
  put: ['key', 'value'],
  append: ['key', 'value'],
  putHash: ['key', 'value'],
  delete: ['key'],
  cas: ['key', 'expected', 'value'],
  casRevision: ['key', 'revision', 'value'],
};

/** The request of its own that an operation of a batch stands for. */
function singleOf([kind, ...parts]: readonly unknown[], origin: Params): { method: string; params: Params } {
  const names = FIELDS[String(kind)] ?? [];
  const given = Object.fromEntries(names.map((name, index) => [name, parts[index]]));
  const seq = parts[names.length];
  const method = `kv.${kind === 'casRevision' ? 'cas' : kind}`;
  return { method, params: seq === undefined ? given : { ...origin, seq, ...given } };
}

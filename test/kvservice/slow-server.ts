/** A primary that can do so much and no more, in a simulated world: each operation takes its time, one after the other. */
import { KVClient, type KVClientOptions } from '@understudy/kvservice';
import { type Params, type Reply, UnderstudyError } from '@understudy/rpc';
import { SimulatedWorld } from '@understudy/testkit';

/** Operations a millisecond. */
export const PER_MS = 5;
/** What may wait at the server; beyond it operations are OVERLOADED. */
export const PENDING = 500;

export class SlowServer {
  readonly world = new SimulatedWorld({ seed: 1 });
  refused = 0;
  done = 0;
  /** What came now has no answer, ever. */
  isHanging = false;
  #freeAtMs = 0;
  #pending = 0;

  get pending(): number {
    return this.#pending;
  }

  async start(): Promise<void> {
    const view = { viewnum: 1, primary: 'a:1', backups: [], syncing: [], cluster: 'c' };
    const monitor = { 'sysmonitor.view': (_: Params, reply: Reply) => reply.result(view) };
    await this.world.process('m').world.transport.listen({ address: 'm:1', methods: monitor });
    await this.world.process('a').world.transport.listen({
      address: 'a:1',
      methods: {
        'kv.openSession': (_, reply) => reply.result({ session: 's' }),
        'kv.put': (_, reply) => this.#serve(reply),
        'kv.batch': ({ operations }, reply) => this.#serveMany((operations as readonly unknown[]).length, reply),
      },
    });
  }

  client(options: Partial<KVClientOptions> = {}): KVClient {
    return new KVClient({ monitors: 'm:1', world: this.world.process('client').world, ...options });
  }

  #serveMany(count: number, reply: Reply): void {
    const results: object[] = [];
    let missing = count;
    const take = (index: number, item: object): void => {
      results[index] = item;
      missing -= 1;
      if (missing === 0) reply.result({ results });
    };
    for (let index = 0; index < count; index += 1)
      this.#serve({
        result: (value) => take(index, value),
        failure: (error) => take(index, { error: error.toWire() }),
      });
  }

  #serve(reply: Reply): void {
    if (this.isHanging) return;
    const { clock } = this.world.process('a').world;
    if (this.#pending >= PENDING) {
      this.refused += 1;
      return reply.failure(new UnderstudyError('OVERLOADED', 'too much', { data: { retryAfterMs: 50 } }));
    }
    this.#pending += 1;
    this.#freeAtMs = Math.max(this.#freeAtMs, clock.now()) + 1 / PER_MS;
    clock.after(this.#freeAtMs - clock.now(), () => {
      this.#pending -= 1;
      this.done += 1;
      reply.result({ revision: this.done });
    });
  }
}

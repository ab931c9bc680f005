/** Clients that append, read and put without end, each through the real client, and write down what they were told. */
import type { KVClient } from '@understudy/kvservice';
import type { SimulatedWorld } from '@understudy/testkit';
import type { Ledger } from './ledger.ts';

export interface TrafficOptions {
  readonly world: SimulatedWorld;
  readonly ledger: Ledger;
  /** One process each. */
  readonly clients: ReadonlyMap<string, KVClient>;
  /** Milliseconds between the end of an operation and the next. */
  readonly thinkMs: number;
  /** Operations that each client has under way at once. */
  readonly lanes: number;
}

/** Operations after which a new key is appended to, so that values stay short. */
const APPENDS_PER_KEY = 40;

export class Traffic {
  readonly #options: TrafficOptions;
  readonly #lanes: Promise<void>[] = [];
  #appends = 0;
  #stops = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
    for (const [name, client] of options.clients) {
      for (let lane = 0; lane < options.lanes; lane++) this.#lanes.push(this.#run(name, client));
    }
  }

  /** No new operation; resolves when those under way have their answers. */
  async stop(): Promise<void> {
    this.#stops = true;
    await Promise.all(this.#lanes);
  }

  async #run(name: string, client: KVClient): Promise<void> {
    const { world, thinkMs } = this.#options;
    const { clock } = world.process(name).world;
    while (!this.#stops) {
      await this.#operate(name, client, world.random.integer(0, 3));
      await new Promise<void>((resolve) => clock.after(world.random.integer(1, 2 * thinkMs), resolve));
    }
  }

  async #operate(name: string, client: KVClient, choice: number): Promise<void> {
    const { world, ledger } = this.#options;
    const key = `log-${Math.floor(this.#appends / APPENDS_PER_KEY)}`;
    const token = ledger.token(name);
    if (choice === 0) {
      await client.put(`own/${token}`, token);
      ledger.put(`own/${token}`, token);
      ledger.acknowledged(world.now);
    } else if (choice === 1) {
      ledger.register(key).begins('get', token, world.now);
      const value = (await client.get(key)) ?? '';
      ledger.register(key).ends('get', token, world.now, value);
    } else {
      this.#appends += 1;
      ledger.register(key).begins('append', token, world.now);
      await client.append(key, token);
      ledger.register(key).ends('append', token, world.now, '');
      ledger.acknowledged(world.now);
    }
  }
}

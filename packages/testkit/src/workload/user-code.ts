/** A user's own code in the place of the built-in workload: once in each client process, judged by what it throws. */
import { KVClient } from '@understudy/kvservice';
import type { ClientCode, ClientContext } from '../simulation/options.ts';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';

export interface UserCodeParts {
  readonly world: SimulatedWorld;
  readonly monitors: string;
  readonly random: SeededRandom;
  readonly clients: number;
  readonly client: ClientCode;
  readonly check: ClientCode | undefined;
  readonly onDefect: (client: string, error: unknown) => void;
}

export class UserCode {
  readonly names: readonly string[];
  readonly #parts: UserCodeParts;
  readonly #running = new Set<string>();
  readonly #clients: KVClient[] = [];
  readonly #ends: Promise<void>[] = [];

  constructor(parts: UserCodeParts) {
    this.#parts = parts;
    this.names = Array.from({ length: parts.clients }, (_, place) => `c${place + 1}`);
  }

  /** Operations are not seen from here. */
  get begun(): number {
    return 0;
  }

  get underWay(): number {
    return this.#running.size;
  }

  start(): void {
    for (const name of this.names) this.#ends.push(this.#run(name, this.#parts.client));
  }

  /** All are through. */
  areServed(): boolean {
    return this.#running.size === 0;
  }

  unserved(): readonly string[] {
    return [...this.#running];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ends);
  }

  async check(): Promise<void> {
    if (this.#parts.check !== undefined) await this.#run('check', this.#parts.check);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #run(name: string, code: ClientCode): Promise<void> {
    const { world, monitors, onDefect } = this.#parts;
    const own = world.process(name).world;
    const kv = new KVClient({ monitors, world: own });
    this.#clients.push(kv);
    this.#running.add(name);
    try {
      await code(kv, this.#contextOf(name));
    } catch (error) {
      onDefect(name, error);
    }
    this.#running.delete(name);
  }

  #contextOf(name: string): ClientContext {
    const { clock, random } = this.#parts.world.process(name).world;
    const sleep = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
    return { name, clock, random, sleep };
  }
}

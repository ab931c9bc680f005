/**
 * A user's own code instead of the built-in workload. It runs once in each client process, and fails the run if it
 * throws.
 */
import { KVClient } from '@understudy/kvservice';
import type { Liveness } from '../simulation/aftermath.ts';
import type { ClientCode, ClientContext } from '../simulation/options.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';

export interface CodeParts {
  readonly world: SimulatedWorld;
  readonly monitors: string;
  /** Called with the error that the code threw. */
  readonly onFailure: (client: string, error: unknown) => void;
}

export interface UserCodeParts extends CodeParts {
  readonly clients: number;
  readonly client: ClientCode;
}

export class UserCode {
  readonly liveness: Liveness = {
    property: 'the code under simulation comes to its end when the faults are over',
    broken: 'not through',
  };
  readonly names: readonly string[];
  readonly #parts: UserCodeParts;
  readonly #running = new Set<string>();
  readonly #clients: KVClient[] = [];
  readonly #ends: Promise<void>[] = [];

  constructor(parts: UserCodeParts) {
    this.#parts = parts;
    this.names = Array.from({ length: parts.clients }, (_, place) => `c${place + 1}`);
  }

  /** The operations of the user's code are not visible here. */
  get begun(): number {
    return 0;
  }

  get underWay(): number {
    return this.#running.size;
  }

  start(): void {
    for (const name of this.names) this.#ends.push(this.#run(name));
  }

  /** True if the code of every client has finished. */
  areServed(): boolean {
    return this.#running.size === 0;
  }

  unserved(): readonly string[] {
    return [...this.#running];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ends);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #run(name: string): Promise<void> {
    this.#running.add(name);
    this.#clients.push(await runCode(name, this.#parts.client, this.#parts));
    this.#running.delete(name);
  }
}

/** Runs code in a process of its own. Returns its client, which the caller must close. */
export async function runCode(name: string, code: ClientCode, parts: CodeParts): Promise<KVClient> {
  const { world: own } = parts.world.process(name);
  const kv = new KVClient({ monitors: parts.monitors, world: own });
  const { clock, random } = own;
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const context: ClientContext = { name, clock, random, sleep };
  try {
    await code(kv, context);
  } catch (error) {
    parts.onFailure(name, error);
  }
  return kv;
}

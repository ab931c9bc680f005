/** Raw calls to one server, past the client: reads and writes that go where no well-behaved client would send them. */
import { UnderstudyError } from '@understudy/rpc';
import type { Scene } from './scene.ts';

export interface ProbeOptions {
  readonly key: string;
  /** Name of the server that is asked. */
  readonly server: string;
  /** Name of the process that asks. */
  readonly from?: string;
  readonly everyMs?: number;
  readonly consistency?: 'linearizable';
}

const PATIENCE_MS = 2_000;

/** Asks on and on, without waiting for answers; every answer goes into the ledger and is judged with all others. */
export class Probe {
  asked = 0;
  /** When each answer came. */
  readonly answeredAt: number[] = [];
  /** By name of the failure. */
  readonly refused = new Map<string, number>();
  readonly #scene: Scene;
  readonly #options: ProbeOptions;
  readonly #underWay = new Set<Promise<void>>();
  #stops = false;

  constructor(scene: Scene, options: ProbeOptions) {
    this.#scene = scene;
    this.#options = options;
    this.#askOn();
  }

  /** Resolves when what was asked is answered or given up. */
  async stop(): Promise<void> {
    this.#stops = true;
    await Promise.all(this.#underWay);
  }

  get answered(): number {
    return this.answeredAt.length;
  }

  answeredSince(at: number): number {
    return this.answeredAt.filter((time) => time >= at).length;
  }

  #askOn(): void {
    if (this.#stops) return;
    const asked: Promise<void> = this.#ask().finally(() => this.#underWay.delete(asked));
    this.#underWay.add(asked);
    this.#scene.world.at(this.#options.everyMs ?? 5, () => this.#askOn());
  }

  async #ask(): Promise<void> {
    const scene = this.#scene;
    const { key, server, from = 'probe', consistency } = this.#options;
    const register = scene.ledger.register(key);
    const token = scene.ledger.token(`probe-${server}`);
    this.asked += 1;
    register.begins('get', token, scene.world.now);
    try {
      const params = consistency === undefined ? { key } : { key, consistency };
      const result = await scene.call(server, 'kv.get', params, { from, timeoutMs: PATIENCE_MS });
      register.ends('get', token, scene.world.now, (result.value as string | null) ?? '');
      this.answeredAt.push(scene.world.now);
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      this.refused.set(error.name, (this.refused.get(error.name) ?? 0) + 1);
    }
  }
}

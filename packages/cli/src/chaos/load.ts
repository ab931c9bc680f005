/** A load on a cluster at any rate: puts and gets of a thousand keys, begun at an even pace. */
import type { ChaosLoad } from '@understudy/dashboard';
import { KVClient } from '@understudy/kvservice';
import type { Address, Timer, World } from '@understudy/rpc';

const TICK_MS = 20;
const KEYS = 1_000;
/** With this many under way, no more are begun, so that a cluster that does not answer gets no backlog. */
const MAX_UNDER_WAY = 2_000;
/** Short, so that operations without an answer visibly fail. */
const TIMEOUT_MS = 5_000;

export interface LoadOptions {
  readonly world: World;
  readonly monitor: () => Address;
}

export class Load {
  readonly #options: LoadOptions;
  #kv: KVClient | undefined;
  #timer: Timer | undefined;
  #rate = 0;
  /** The number of operations that are due, including the fraction of the next one. */
  #due = 0;
  #begun = 0;
  #done = 0;
  #failed = 0;
  #underWay = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get state(): ChaosLoad {
    return { rate: this.#rate, done: this.#done, failed: this.#failed, underWay: this.#underWay };
  }

  /** Operations per second; 0 begins no more. */
  set(rate: number): void {
    this.#rate = rate;
    this.#due = 0;
    this.#timer?.cancel();
    if (rate > 0) this.#tick(this.#options.world.clock.now());
  }

  async close(): Promise<void> {
    this.set(0);
    await this.#kv?.close();
  }

  #tick(since: number): void {
    const { world, monitor } = this.#options;
    const { clock } = world;
    const kv = (this.#kv ??= new KVClient({ monitors: monitor(), world, timeout: TIMEOUT_MS }));
    const now = clock.now();
    this.#timer = clock.after(TICK_MS, () => this.#tick(now));
    this.#due = Math.min(this.#due + (this.#rate * (now - since)) / 1_000, this.#rate);
    for (; this.#due >= 1; this.#due -= 1) {
      if (this.#underWay >= MAX_UNDER_WAY) return;
      void this.#operate(kv);
    }
  }

  async #operate(kv: KVClient): Promise<void> {
    const { random } = this.#options.world;
    const key = `load/${String(Math.floor(random.number() * KEYS)).padStart(3, '0')}`;
    this.#underWay += 1;
    this.#begun += 1;
    try {
      await (this.#begun % 2 === 0 ? kv.get(key) : kv.put(key, `value ${this.#begun}`));
      this.#done += 1;
    } catch {
      this.#failed += 1; // the panel shows failures
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** Full load for a long time: every kind of write and reads, over a bounded set of keys, by clients that come and go. */
import { createHistogram } from 'node:perf_hooks';
import { KVClient } from '@understudy/kvservice';

const CLIENTS = 16;
const CALLERS_OF_EACH = 16;
const KEYS = 10_000;
const VALUE = '.'.repeat(100);
const PIECE = '.'.repeat(10);
/** How long a client lives, and its session is used. */
const SHORTEST_LIFE_MS = 3_000;
const LONGEST_LIFE_MS = 12_000;

export class Load implements AsyncDisposable {
  readonly inFlight = CLIENTS * CALLERS_OF_EACH;
  readonly #monitor: string;
  readonly #running: Promise<unknown>;
  #isOver = false;
  #latency = createHistogram();
  #operations = 0;
  #clients = 0;

  constructor(monitor: string) {
    this.#monitor = monitor;
    this.#running = Promise.all(Array.from({ length: CLIENTS }, () => this.#succession()));
  }

  /** Rejects when an operation fails. */
  get running(): Promise<unknown> {
    return this.#running;
  }

  get operations(): number {
    return this.#operations;
  }

  /** Clients so far, each with a session of its own. */
  get clients(): number {
    return this.#clients;
  }

  get p99Ms(): number {
    return this.#latency.percentile(99) / 1_000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  /** One client after the other. */
  async #succession(): Promise<void> {
    while (!this.#isOver) {
      await using kv = new KVClient({ monitors: this.#monitor });
      this.#clients += 1;
      const endMs = performance.now() + SHORTEST_LIFE_MS + Math.random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS);
      await Promise.all(Array.from({ length: CALLERS_OF_EACH }, () => this.#call(kv, endMs)));
    }
  }

  async #call(kv: KVClient, endMs: number): Promise<void> {
    for (let nowMs = performance.now(); nowMs < endMs && !this.#isOver; ) {
      await operate(kv, `key/${Math.floor(Math.random() * KEYS)}`);
      const answeredAtMs = performance.now();
      this.#latency.record(Math.max(1, Math.round(1_000 * (answeredAtMs - nowMs))));
      this.#operations += 1;
      nowMs = answeredAtMs;
    }
  }
}

/** Puts and deletes are twice as many as appends: no value grows for long. */
function operate(kv: KVClient, key: string): Promise<unknown> {
  const dice = Math.random();
  if (dice < 0.35) return kv.put(key, VALUE);
  if (dice < 0.7) return kv.get(key);
  if (dice < 0.85) return kv.append(key, PIECE);
  if (dice < 0.92) return kv.delete(key);
  return kv.cas(key, dice < 0.96 ? VALUE : undefined, VALUE);
}

/** A process that offers load by several connections of its own, and counts what becomes of it. Each put is tried once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { realWorld, type Transport, UnderstudyError } from '@understudy/rpc';
import { memoryOf } from '../support/processes.ts';
import type { Orders, Outcome, Task } from './message.ts';

const KEYS = 10_000;
const VALUE = '.'.repeat(100);
/** A put that has no answer by then counts as failed. */
const PATIENCE_MS = 15_000;
const MOST_LATENCIES = 20_000;

process.on('message', (orders: Orders) => {
  void new Generator(orders).run().then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit());

class Generator {
  readonly #orders: Orders;
  readonly #transports: readonly Transport[];
  readonly #failed: Record<string, number> = {};
  readonly #latencies = new Sampled();
  readonly #refusals = new Sampled();
  #offered = 0;

  constructor(orders: Orders) {
    this.#orders = orders;
    this.#transports = Array.from({ length: orders.connections }, () => realWorld().transport);
  }

  async run(): Promise<Outcome> {
    await this.#work(this.#orders.task);
    await Promise.all(this.#transports.map((transport) => transport.close()));
    return {
      offered: this.#offered,
      accepted: this.#latencies.count,
      failed: this.#failed,
      latenciesMs: this.#latencies.values,
      refusalsMs: this.#refusals.values,
      peakBytes: memoryOf(process.pid).peak,
    };
  }

  async #work(task: Task): Promise<void> {
    const startMs = performance.now();
    const endMs = startMs + 1_000 * task.seconds;
    if (task.kind === 'closed') {
      const call = async () => {
        for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) await this.#put(nowMs);
      };
      await Promise.all(Array.from({ length: task.callers }, call));
      return;
    }
    const underWay = new Set<Promise<void>>();
    for (let dueAtMs = startMs; dueAtMs < endMs; await sleep(1)) {
      for (const nowMs = Math.min(endMs, performance.now()); dueAtMs < nowMs; dueAtMs += 1_000 / task.perSecond) {
        const put = this.#put(dueAtMs).finally(() => underWay.delete(put));
        underWay.add(put);
      }
    }
    await Promise.all(underWay);
  }

  async #put(dueAtMs: number): Promise<void> {
    const number = this.#offered++;
    const transport = this.#transports[number % this.#transports.length];
    const params = { key: `key/${number % KEYS}`, value: VALUE };
    try {
      await transport?.call(this.#orders.primary, 'kv.put', params, { timeoutMs: PATIENCE_MS });
      this.#latencies.take(performance.now() - dueAtMs);
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      const name = error.name === 'OVERLOADED' && error.message.includes('to be sent') ? 'not sent' : error.name;
      this.#failed[name] = (this.#failed[name] ?? 0) + 1;
      if (name === 'OVERLOADED') this.#refusals.take(performance.now() - dueAtMs);
    }
  }
}

/** Keeps every so manieth, so that there are never more than some. */
class Sampled {
  values: number[] = [];
  count = 0;
  #every = 1;

  take(value: number): void {
    if (this.count++ % this.#every !== 0) return;
    this.values.push(value);
    if (this.values.length < MOST_LATENCIES) return;
    this.values = this.values.filter((_, at) => at % 2 === 0);
    this.#every *= 2;
  }
}

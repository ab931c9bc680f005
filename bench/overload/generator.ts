/** A process that offers load by several clients of its own, and counts what becomes of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KVClient } from '@understudy/kvservice';
import { realWorld, UnderstudyError } from '@understudy/rpc';
import { memoryOf } from '../support/processes.ts';
import type { Orders, Outcome, Task } from './message.ts';
import { Sampled } from './sampled.ts';

const KEYS = 10_000;
const VALUE = '.'.repeat(100);
/** Puts that have no answer so long after the last was begun fail with CLOSED. */
const PATIENCE_MS = 15_000;
/** A generator that is later than this leaves out what was due: it would offer an ever greater burst instead of a load. */
const LATEST_MS = 100;

process.on('message', (orders: Orders) => {
  void new Generator(orders).run().then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit());

/** One connection, and what is asked by it. */
interface Way {
  put(key: string): Promise<unknown>;
  close(): Promise<void>;
}

class Generator {
  readonly #task: Task;
  readonly #ways: readonly Way[];
  readonly #failed: Record<string, number> = {};
  readonly #latencies = new Sampled();
  readonly #refusals = new Sampled();
  readonly #latenesses = new Sampled();
  #offered = 0;
  #skipped = 0;

  constructor(orders: Orders) {
    this.#task = orders.task;
    this.#ways = Array.from({ length: orders.clients }, () => wayOf(orders));
  }

  async run(): Promise<Outcome> {
    // A session is opened, and the view learnt, before anything counts.
    await Promise.all(this.#ways.map((way) => way.put('hello')));
    const cpuBefore = process.cpuUsage();
    if (this.#task.kind === 'closed') await this.#followOn(this.#task);
    else await this.#offer(this.#task);
    const { user, system } = process.cpuUsage(cpuBefore);
    await Promise.all(this.#ways.map((way) => way.close()));
    await sleep(0); // what was still under way has failed by now
    return {
      offered: this.#offered,
      skipped: this.#skipped,
      accepted: this.#latencies.count,
      failed: this.#failed,
      latenciesMs: this.#latencies.values,
      refusalsMs: this.#refusals.values,
      latenessesMs: this.#latenesses.values,
      peakBytes: memoryOf(process.pid).peak,
      cpuMs: (user + system) / 1_000,
    };
  }

  async #followOn({ callers, seconds }: Task & { readonly kind: 'closed' }): Promise<void> {
    const endMs = performance.now() + 1_000 * seconds;
    const call = async () => {
      for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) await this.#put(nowMs);
    };
    await Promise.all(Array.from({ length: callers }, call));
  }

  async #offer({ perSecond, seconds }: Task & { readonly kind: 'open' }): Promise<void> {
    const startMs = performance.now();
    const endMs = startMs + 1_000 * seconds;
    const everyMs = 1_000 / perSecond;
    let underWay = 0;
    const isOver = () => {
      underWay -= 1;
    };
    for (let dueAtMs = startMs; dueAtMs < endMs; await sleep(1)) {
      const nowMs = Math.min(endMs, performance.now());
      if (nowMs - dueAtMs > LATEST_MS) {
        const skipped = Math.floor((nowMs - dueAtMs) / everyMs);
        this.#skipped += skipped;
        dueAtMs += skipped * everyMs;
      }
      for (; dueAtMs < nowMs; dueAtMs += everyMs) {
        this.#latenesses.take(nowMs - dueAtMs);
        underWay += 1;
        void this.#put(dueAtMs).then(isOver);
      }
    }
    for (const untilMs = performance.now() + PATIENCE_MS; underWay > 0 && performance.now() < untilMs; ) await sleep(5);
  }

  async #put(dueAtMs: number): Promise<void> {
    const number = this.#offered++;
    try {
      await this.#ways[number % this.#ways.length]?.put(`key/${number % KEYS}`);
      this.#latencies.take(performance.now() - dueAtMs);
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      this.#failed[error.name] = (this.#failed[error.name] ?? 0) + 1;
      if (error.name === 'OVERLOADED') this.#refusals.take(performance.now() - dueAtMs);
    }
  }
}

function wayOf({ means, monitor, primary }: Orders): Way {
  if (means === 'client') {
    const kv = new KVClient({ monitors: monitor });
    return { put: (key) => kv.put(key, VALUE), close: () => kv.close() };
  }
  const { transport } = realWorld();
  return {
    put: (key) => transport.call(primary, 'kv.put', { key, value: VALUE }, { timeoutMs: Infinity }),
    close: () => transport.close(),
  };
}

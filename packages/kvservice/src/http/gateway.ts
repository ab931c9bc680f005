/** The way of HTTP requests to the primary: a client of this server's own, opened when the first one comes. */
import { type Clock, type Timer, UnderstudyError } from '@understudy/rpc';
import type { KVClient } from '../client.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly openClient: () => KVClient;
}

/** What may be under way over all connections; beyond it requests are OVERLOADED. */
const MAX_UNDER_WAY = 4_096;
const MAX_BYTES = 64 * 1024 * 1024;
const RETRY_AFTER_MS = 1_000;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  #bytes = 0;
  #client: KVClient | undefined;
  #isClosed = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Operations that have no answer yet. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** `bytes`: of what the operation carries. */
  async pass<T>(bytes: number, operate: (client: KVClient) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new UnderstudyError('CLOSED', 'this server is stopping', { definite: true });
    if (this.#underWay.size >= MAX_UNDER_WAY || this.#bytes + bytes > MAX_BYTES) throw overloaded();
    this.#client ??= this.#options.openClient();
    const operation = operate(this.#client);
    this.#underWay.add(operation);
    this.#bytes += bytes;
    try {
      return await operation;
    } finally {
      this.#underWay.delete(operation);
      this.#bytes -= bytes;
    }
  }

  /** Takes no more, and resolves when what is under way has its answer, after `patienceMs` at the latest. */
  async drain(patienceMs: number): Promise<void> {
    this.#isClosed = true;
    if (this.#underWay.size === 0) return;
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = this.#options.clock.after(patienceMs, resolve);
    });
    await Promise.race([Promise.allSettled([...this.#underWay]), patience]);
    timer?.cancel();
  }

  /** What is under way ends with CLOSED and the truth, and its answers are on their way when this resolves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const last = [...this.#underWay];
    await this.#client?.close();
    await Promise.allSettled(last);
    if (this.#client !== undefined) await new Promise<void>((resolve) => this.#options.clock.endOfTurn(resolve));
  }
}

function overloaded(): UnderstudyError {
  const data = { retryAfterMs: RETRY_AFTER_MS };
  return new UnderstudyError('OVERLOADED', 'too many HTTP requests wait here already', { data });
}

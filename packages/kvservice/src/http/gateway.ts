/**
 * Passes HTTP requests on to the primary, through a client of this server. The client is created when the first request
 * arrives.
 */
import { type Clock, type Timer, UnderstudyError } from '@understudy/rpc';
import type { KVClient } from '../client.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly openClient: () => KVClient;
}

/** The bounds on requests in progress over all connections. Beyond them requests are refused as OVERLOADED. */
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

  /** The number of unanswered operations. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** @param bytes The size of the operation's content. */
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

  /** Refuses new operations, and resolves when those in progress have their answers, or after `patienceMs`. */
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

  /**
   * Ends the operations in progress with CLOSED, which says whether they may have been done. When this resolves, their
   * answers are on their way.
   */
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

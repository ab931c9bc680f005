/** A real transport whose network loses, keeps back and cuts as the test wants. */
import {
  AbortWatch,
  type Address,
  type CallOptions,
  type Listener,
  type ListenOptions,
  type Transport,
  UnderstudyError,
} from '@understudy/rpc';
import type { NetworkFaults } from './network-faults.ts';

export interface FaultyTransportOptions {
  readonly inner: Transport;
  /** Of the process that calls. */
  readonly process: string;
  readonly faults: NetworkFaults;
}

export class FaultyTransport implements Transport {
  readonly #inner: Transport;
  readonly #process: string;
  readonly #faults: NetworkFaults;
  readonly #closed = new AbortController();
  /** Many calls share a signal: that of their client's end. */
  readonly #aborts = new AbortWatch();

  constructor({ inner, process, faults }: FaultyTransportOptions) {
    this.#inner = inner;
    this.#process = process;
    this.#faults = faults;
  }

  listen(options: ListenOptions): Promise<Listener> {
    return this.#inner.listen(options);
  }

  call(to: Address, method: string, params: object, options: CallOptions): Promise<unknown> {
    const callee = this.#faults.ownerOf(to);
    const fate = this.#faults.draw(callee);
    const held = this.#faults.heldBack(this.#process, callee);
    if (fate === 'good' && held === undefined && !this.#isCut(callee)) {
      this.#faults.count(callee);
      return this.#unlessCut(callee, this.#inner.call(to, method, params, options), options);
    }
    const patience = this.#patience(options);
    const call = () => this.#inner.call(to, method, params, patience.options);
    return patience.until(this.#unlucky(callee, fate, held, call));
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#inner.close();
  }

  async #unlucky(
    callee: string,
    fate: 'good' | 'request-lost' | 'reply-lost',
    held: Promise<void> | undefined,
    call: () => Promise<unknown>,
  ): Promise<unknown> {
    await held;
    if (this.#isCut(callee)) return never();
    if (fate === 'request-lost') throw lost();
    this.#faults.count(callee);
    const outcome = await settled(call());
    if (this.#isCut(callee)) return never();
    if (fate === 'reply-lost') throw lost();
    return outcome();
  }

  /** A reply that comes when the link is cut does not come. */
  async #unlessCut(callee: string, calling: Promise<unknown>, options: CallOptions): Promise<unknown> {
    const outcome = await settled(calling);
    if (!this.#isCut(callee) || this.#closed.signal.aborted) return outcome();
    return this.#patience(options).until(never());
  }

  #patience(options: CallOptions): Patience {
    return new Patience(options, this.#closed.signal, this.#aborts);
  }

  #isCut(callee: string): boolean {
    return this.#faults.isCut(this.#process, callee);
  }
}

/** The patience of a caller, over before or after the transport below learns of the call. */
class Patience {
  readonly #endsAtMs: number;
  readonly #signals: readonly [closed: AbortSignal, given: AbortSignal | undefined];
  readonly #aborts: AbortWatch;
  readonly #slow: CallOptions['slow'];
  readonly #slowAtMs: number;

  constructor({ timeoutMs, signal, slow }: CallOptions, closed: AbortSignal, aborts: AbortWatch) {
    this.#endsAtMs = performance.now() + timeoutMs;
    this.#slow = slow;
    this.#slowAtMs = performance.now() + (slow?.afterMs ?? 0);
    this.#signals = [closed, signal];
    this.#aborts = aborts;
  }

  /** What is left of it, for a call that goes on. */
  get options(): CallOptions {
    return { timeoutMs: this.#leftMs, signal: this.#signals[1] };
  }

  get #leftMs(): number {
    return Math.max(this.#endsAtMs - performance.now(), 1);
  }

  async until(outcome: Promise<unknown>): Promise<unknown> {
    const [closed, given] = this.#signals;
    let end = () => {};
    const over = new Promise<never>((_resolve, reject) => {
      const fail = (name: 'TIMEOUT' | 'ABORTED' | 'CLOSED') => () => reject(new UnderstudyError(name, 'nothing came'));
      const [close, abort] = [fail('CLOSED'), fail('ABORTED')];
      const timer = this.#leftMs < Infinity ? setTimeout(fail('TIMEOUT'), this.#leftMs) : undefined;
      const slow = this.#slow;
      const slowMs = this.#slowAtMs - performance.now();
      const slowTimer = slow && setTimeout(() => slow.tell(false), slowMs);
      const stops = [this.#aborts.watch(closed, close), given && this.#aborts.watch(given, abort)];
      if (closed.aborted) close();
      if (given?.aborted) abort();
      end = () => {
        clearTimeout(timer);
        clearTimeout(slowTimer);
        for (const stop of stops) stop?.();
      };
    });
    try {
      return await Promise.race([outcome, over]);
    } finally {
      end();
    }
  }
}

/** The outcome, to be taken later; a failure that nobody takes is no unhandled one. */
async function settled(promise: Promise<unknown>): Promise<() => unknown> {
  try {
    const result = await promise;
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** As in the lab, where the connection is closed instead. */
function lost(): UnderstudyError {
  return new UnderstudyError('CONNECTION_LOST', 'the network lost it');
}

function never(): Promise<never> {
  return new Promise(() => {});
}

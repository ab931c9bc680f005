/**
 * The transport of the server's own client. A call to this very server invokes the method directly, without a
 * connection; all other calls use the server's transport.
 */
import {
  AbortWatch,
  type Address,
  type CallOptions,
  type Clock,
  type Listener,
  type ListenOptions,
  type Method,
  type Reply,
  type Transport,
  UnderstudyError,
} from '@understudy/rpc';

export interface OwnCallsOptions {
  /** The transport for calls to other servers. Closing this object leaves it open. */
  readonly transport: Transport;
  readonly clock: Clock;
  /** The address of this server, once it is known. */
  readonly own: () => Address;
  readonly methods: Readonly<Record<string, Method>>;
}

/** Passes results on without a copy, because the replica never changes a result after it was returned. */
export class OwnCalls implements Transport {
  readonly #options: OwnCallsOptions;
  readonly #aborts = new AbortWatch();
  #isClosed = false;

  constructor(options: OwnCallsOptions) {
    this.#options = options;
  }

  listen(options: ListenOptions): Promise<Listener> {
    return this.#options.transport.listen(options);
  }

  call(to: Address, method: string, params: object, options: CallOptions): Promise<unknown> {
    if (this.#isClosed)
      return Promise.reject(new UnderstudyError('CLOSED', 'this server has ended', { definite: true }));
    const own = to === this.#options.own() ? this.#options.methods[method] : undefined;
    if (own === undefined) return this.#options.transport.call(to, method, params, options);
    return this.#callHere(own, params, options);
  }

  /** Refuses further calls. Those in progress continue. */
  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #callHere(method: Method, params: object, { timeoutMs, signal, slow }: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const giveUp = (name: 'TIMEOUT' | 'ABORTED', message: string): void => {
        rest();
        reject(new UnderstudyError(name, message));
      };
      const timer =
        timeoutMs === Infinity
          ? undefined
          : this.#options.clock.after(timeoutMs, () => giveUp('TIMEOUT', `no answer within ${timeoutMs} ms`));
      const slowTimer = slow && this.#options.clock.after(slow.afterMs, () => slow.tell(false));
      const unwatch =
        signal === undefined ? undefined : this.#aborts.watch(signal, () => giveUp('ABORTED', 'the caller gave up'));
      const rest = (): void => {
        timer?.cancel();
        slowTimer?.cancel();
        unwatch?.();
      };
      const reply: Reply = {
        result: (value) => {
          rest();
          resolve(value);
        },
        failure: (error) => {
          rest();
          reject(error);
        },
      };
      try {
        method(params as Readonly<Record<string, unknown>>, reply);
      } catch (error) {
        rest();
        reject(error);
      }
    });
  }
}

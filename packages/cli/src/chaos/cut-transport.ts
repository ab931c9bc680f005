/** A transport that can be cut off from some peers, as if no packet reached them. */
import {
  AbortWatch,
  type Address,
  type CallOptions,
  type Clock,
  type Listener,
  type ListenOptions,
  type Transport,
  UnderstudyError,
} from '@understudy/rpc';

/** Cuts outgoing calls only: two processes are cut off from each other when both cut their calls. */
export class CutTransport implements Transport {
  readonly #inner: Transport;
  readonly #clock: Clock;
  /** Many calls share one signal, which fires when their client ends. */
  readonly #aborts = new AbortWatch();
  #cut: ReadonlySet<Address> = new Set();

  constructor(inner: Transport, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  /** From now on cuts off these peers and no others, including calls under way. */
  cutOff(peers: readonly Address[]): void {
    this.#cut = new Set(peers);
  }

  listen(options: ListenOptions): Promise<Listener> {
    return this.#inner.listen(options);
  }

  async call(to: Address, method: string, params: object, options: CallOptions): Promise<unknown> {
    const since = this.#clock.now();
    if (this.#cut.has(to)) return this.#silence(to, options, 0);
    const outcome = await this.#inner.call(to, method, params, options).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    if (this.#cut.has(to)) return this.#silence(to, options, this.#clock.now() - since);
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Behaves as if no packet arrives and none returns: the outcome is unknown. */
  #silence(to: Address, { signal, timeoutMs, slow }: CallOptions, sinceMs: number): Promise<never> {
    return new Promise((_resolve, reject) => {
      const end = (name: 'TIMEOUT' | 'ABORTED'): void => {
        timer.cancel();
        slowTimer?.cancel();
        stopWatch?.();
        reject(new UnderstudyError(name, `${to} is cut off`, { definite: false }));
      };
      const timer = this.#clock.after(Math.max(0, timeoutMs - sinceMs), () => end('TIMEOUT'));
      const slowTimer = slow && this.#clock.after(Math.max(0, slow.afterMs - sinceMs), () => slow.tell(false));
      const stopWatch = signal && this.#aborts.watch(signal, () => end('ABORTED'));
      if (signal?.aborted === true) end('ABORTED');
    });
  }
}

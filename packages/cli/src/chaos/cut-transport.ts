/** A transport from which some peers can be cut off, as if nothing came through to them any more. */
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

/** Cuts what leaves: two processes are cut off from each other when both cut what they call. */
export class CutTransport implements Transport {
  readonly #inner: Transport;
  readonly #clock: Clock;
  /** Many calls share a signal: that of their client's end. */
  readonly #aborts = new AbortWatch();
  #cut: ReadonlySet<Address> = new Set();

  constructor(inner: Transport, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  /** From now on from these and no others, calls under way included. */
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

  /** What it is like when no packet arrives and none comes back: nobody knows what was done. */
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

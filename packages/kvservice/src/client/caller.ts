/** Sends tries, and ends those in progress when the client closes. */
import type { AbortWatch, SlowCall, Transport } from '@understudy/rpc';

export interface CallerOptions {
  readonly transport: Transport;
  /**
   * The transport is the client's own, so closing it ends its calls. A shared transport stays open for its other users.
   */
  readonly isOwn: boolean;
  readonly aborts: AbortWatch;
}

export interface TryOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly slow?: SlowCall | undefined;
  /** As in `CallOptions`. */
  readonly lane?: string;
  readonly once?: boolean;
}

/** The reason is never read. A text avoids the cost of an exception for each abort. */
const ENDED = 'the caller gave up';

export class Caller {
  readonly #options: CallerOptions;
  readonly #ends = new Set<AbortController>();
  /**
   * Ends the calls that have no signal of their own. They share one controller, because one per call would cost more
   * than the rest of a call.
   */
  readonly #end = new AbortController();

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** Makes a call. If closing the transport ends the call, nothing needs to be recorded about it. */
  call(
    to: string,
    method: string,
    params: object,
    { timeoutMs, signal, slow, lane, once }: TryOptions,
  ): Promise<unknown> {
    const { transport, isOwn } = this.#options;
    if (signal !== undefined) {
      return this.#watched(signal, (end) =>
        transport.call(to, method, params, { timeoutMs, signal: end, slow, lane, once }),
      );
    }
    const end = isOwn ? undefined : this.#end.signal;
    return transport.call(to, method, params, { timeoutMs, signal: end, slow, lane, once });
  }

  /** Fails every try in progress at once. */
  async close(): Promise<void> {
    this.#end.abort(ENDED);
    for (const end of this.#ends) end.abort(ENDED);
    if (this.#options.isOwn) await this.#options.transport.close();
  }

  async #watched(signal: AbortSignal, call: (end: AbortSignal) => Promise<unknown>): Promise<unknown> {
    const end = new AbortController();
    const stop = this.#options.aborts.watch(signal, () => end.abort(ENDED));
    this.#ends.add(end);
    try {
      return await call(end.signal);
    } finally {
      this.#ends.delete(end);
      stop();
    }
  }
}

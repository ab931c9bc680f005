/** How tries leave, and how those under way are ended when the client closes. */
import type { AbortWatch, SlowCall, Transport } from '@understudy/rpc';

export interface CallerOptions {
  readonly transport: Transport;
  /** The transport is the client's own: closing it ends its calls. Another one stays open for those who use it too. */
  readonly isOwn: boolean;
  readonly aborts: AbortWatch;
}

export interface TryOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly slow?: SlowCall | undefined;
  /** As in CallOptions. */
  readonly lane?: string;
}

/** Nobody looks at the reason; a text spares each abort an exception of its own. */
const ENDED = 'the caller gave up';

export class Caller {
  readonly #options: CallerOptions;
  readonly #ends = new Set<AbortController>();
  /** Ends the calls that no signal of their own ends: one for all, for each costs more than the rest of a call. */
  readonly #end = new AbortController();

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** Where closing the transport is enough to end the call, nothing needs to be noted of it. */
  call(to: string, method: string, params: object, { timeoutMs, signal, slow, lane }: TryOptions): Promise<unknown> {
    const { transport, isOwn } = this.#options;
    if (signal !== undefined) {
      return this.#watched(signal, (end) => transport.call(to, method, params, { timeoutMs, signal: end, slow, lane }));
    }
    const end = isOwn ? undefined : this.#end.signal;
    return transport.call(to, method, params, { timeoutMs, signal: end, slow, lane });
  }

  /** Every try under way fails at once. */
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

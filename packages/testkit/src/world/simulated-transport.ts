/**
 * The Transport of one run of a simulated process. Params and results travel as JSON text, so that two processes never
 * share an object. Calls of a dead process never settle.
 */
import {
  type Address,
  type CallOptions,
  type Listener,
  type ListenOptions,
  parseAddress,
  type Transport,
  UnderstudyError,
} from '@understudy/rpc';
import { Call } from './call.ts';
import type { ProcessClock } from './process-clock.ts';
import type { ProcessRun } from './process-run.ts';
import type { Router } from './router.ts';

export class SimulatedTransport implements Transport {
  readonly #run: ProcessRun;
  readonly #clock: ProcessClock;
  readonly #router: Router;
  readonly #calls = new Set<Call>();
  readonly #signals = new WeakMap<AbortSignal, Watched>();
  #closed = false;

  constructor(run: ProcessRun, clock: ProcessClock, router: Router) {
    this.#run = run;
    this.#clock = clock;
    this.#router = router;
  }

  /** The number of unsettled calls. */
  get calls(): number {
    return this.#calls.size;
  }

  listen({ address, methods, pages = {}, observer }: ListenOptions): Promise<Listener> {
    if (!this.#run.alive) return never();
    const now = (): number => this.#clock.now();
    return new Promise((resolve) => {
      const listening = this.#router.listen({ address, run: this.#run, methods, pages, observer, now });
      const close = async () => this.#run.leave(() => this.#router.unlisten(listening));
      resolve({ address: listening.address, close });
    });
  }

  call(to: Address, method: string, params: object, options: CallOptions): Promise<unknown> {
    if (!this.#run.alive) return never();
    return new Promise((succeed, fail) => {
      this.#refuseLateCall(options);
      if (this.#router.addresses.get(to) === undefined) parseAddress(to); // throws if it is no address
      const number = this.#router.nextCallNumber();
      const call = new Call({
        number,
        caller: this.#run,
        address: to,
        method,
        text: textOf(params),
        lane: options.lane ?? '',
        signal: options.signal,
        succeed,
        fail,
      });
      this.#guard(call, options);
      this.#run.leave(() => {
        if (call.pending) this.#router.request(call);
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const call of [...this.#calls]) call.giveUp('CLOSED', `closed before ${call.address} answered ${call.method}`);
  }

  #refuseLateCall({ signal, timeoutMs }: CallOptions): void {
    if (this.#closed) throw new UnderstudyError('CLOSED', 'the transport is closed', { definite: true });
    if (signal !== undefined && this.#watched(signal).aborted) {
      throw new UnderstudyError('ABORTED', 'the caller had given up before', { definite: true, cause: signal.reason });
    }
    if (!(timeoutMs > 0)) throw new UnderstudyError('TIMEOUT', `no time: ${timeoutMs} ms`, { definite: true });
  }

  #guard(call: Call, { timeoutMs, slow }: CallOptions): void {
    this.#calls.add(call);
    call.whenSettled((settled) => this.#calls.delete(settled));
    const giveUp = (ms: number): void =>
      call.giveUp('TIMEOUT', `${call.address} did not answer ${call.method} within ${ms} ms`);
    if (slow === undefined) return call.guard(this.#clock.after(timeoutMs, () => giveUp(timeoutMs)));
    const { afterMs, tell } = slow;
    const onSlow = (): void => {
      if (!call.hasLeft) return giveUp(afterMs);
      call.guard(this.#clock.after(timeoutMs - afterMs, () => giveUp(timeoutMs)));
      tell(false);
    };
    call.guard(this.#clock.after(afterMs, onSlow));
  }

  /** One listener for all calls that share a signal. It stays, because more calls may come. */
  #watched(signal: AbortSignal): Watched {
    const known = this.#signals.get(signal);
    if (known !== undefined) return known;
    const watched = { aborted: signal.aborted };
    this.#signals.set(signal, watched);
    signal.addEventListener(
      'abort',
      () => {
        watched.aborted = true;
        for (const call of [...this.#calls])
          if (call.signal === signal)
            call.giveUp('ABORTED', `aborted before ${call.address} answered ${call.method}`, signal.reason);
      },
      { once: true },
    );
    return watched;
  }
}

interface Watched {
  /** A copy of the signal's own flag, which is slower to read. */
  aborted: boolean;
}

/** The params as they are now. */
function textOf(params: object): string {
  try {
    return JSON.stringify(params);
  } catch (cause) {
    throw new UnderstudyError('INVALID_PARAMS', 'params that JSON cannot hold', { cause });
  }
}

/** A promise that never settles, for calls of a dead process. */
function never<T>(): Promise<T> {
  return new Promise(() => {});
}

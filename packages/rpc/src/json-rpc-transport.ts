/**
 * The real transport: JSON-RPC 2.0 over TCP. Listeners also accept HTTP. The simulated transport has the same interface
 * (transport.ts).
 */

import { AbortWatch } from './abort-watch.ts';
import { parseAddress } from './address.ts';
import { Call, type SlowDeadline } from './call.ts';
import type { Clock } from './clock.ts';
import { Deadlines } from './deadlines.ts';
import { UnderstudyError } from './failure.ts';
import { Guests } from './guests.ts';
import { heldLimits } from './heap.ts';
import { type Limits, limitsOf, withinOpenFiles } from './limits.ts';
import { startListening } from './listening.ts';
import { Peer } from './peer.ts';
import type { Random } from './random.ts';
import type { OnDefect } from './reply-once.ts';
import { RequestMaker } from './request-maker.ts';
import type { Address, CallOptions, Listener, ListenOptions, Transport } from './transport.ts';

export interface JsonRpcTransportOptions {
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Limits. Those left out have the values of DEFAULT_LIMITS, with less memory for connections if the heap is small.
   */
  readonly limits?: Partial<Limits>;
  /**
   * Called with every defect of a method or a page. The caller only sees INTERNAL_ERROR. Default: a process warning.
   */
  readonly onDefect?: OnDefect;
}

/**
 * Keeps one connection to each peer for each lane until `close`. After a failed attempt the next one waits, 10 ms at
 * first and about 100 ms at most. A call made meanwhile waits with it. So a dead peer gets few attempts, and a
 * restarted one is reached soon.
 */
export class JsonRpcTransport implements Transport {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: Limits;
  readonly #onDefect: OnDefect;
  readonly #deadlines: Deadlines;
  readonly #aborts = new AbortWatch();
  readonly #requests: RequestMaker;
  /** The peers, by lane and then by address. */
  readonly #lanes = new Map<string, Map<Address, Peer>>();
  /** Calls that had a connection of their own. */
  #onces = 0;
  #guests: Guests | undefined;
  #closed: Promise<void> | undefined;

  constructor({ clock, random, limits, onDefect = warn }: JsonRpcTransportOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#limits = limitsOf({ ...heldLimits(), ...limits });
    this.#onDefect = onDefect;
    this.#deadlines = new Deadlines(clock);
    this.#requests = new RequestMaker(this.#limits);
  }

  listen(options: ListenOptions): Promise<Listener> {
    this.#guests ??= new Guests(this.#clock, withinOpenFiles(this.#limits));
    const shared = { clock: this.#clock, limits: this.#limits, guests: this.#guests, onDefect: this.#onDefect };
    return startListening({ ...options, ...shared });
  }

  call(to: Address, method: string, params: object, options: CallOptions): Promise<unknown> {
    if (options.once === true) return this.#callOnce(to, method, params, options);
    return new Promise((resolve, reject) => {
      this.#refuseLateCall(options);
      const peer = this.#peerAt(to, options.lane);
      const { id, text } = this.#requests.make(method, params);
      const slow = this.#slowDeadline(options);
      const call = new Call({ id, text, signal: options.signal, slow, aborts: this.#aborts, resolve, reject });
      this.#deadlines.add(call, options.slow?.afterMs ?? options.timeoutMs);
      peer.send(call);
    });
  }

  /** In a lane of its own, which is taken away when the call has ended. */
  async #callOnce(to: Address, method: string, params: object, options: CallOptions): Promise<unknown> {
    const lane = `once ${(this.#onces += 1)}`;
    try {
      return await this.call(to, method, params, { ...options, once: false, lane });
    } finally {
      const peer = this.#lanes.get(lane)?.get(to);
      this.#lanes.delete(lane);
      void peer?.close();
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = [...this.#lanes.values()].flatMap((peers) => [...peers.values()].map((peer) => peer.close()));
    this.#lanes.clear();
    this.#deadlines.close();
    await Promise.all(closed);
  }

  #refuseLateCall({ signal, timeoutMs }: CallOptions): void {
    const definite = { definite: true, cause: signal?.reason };
    if (this.#closed !== undefined) throw new UnderstudyError('CLOSED', 'the transport is closed', definite);
    if (signal?.aborted === true) throw new UnderstudyError('ABORTED', 'the caller had given up before', definite);
    if (!(timeoutMs > 0)) throw new UnderstudyError('TIMEOUT', `no time: ${timeoutMs} ms`, definite);
  }

  #slowDeadline({ slow, timeoutMs }: CallOptions): SlowDeadline | undefined {
    if (slow === undefined) return undefined;
    return { tell: slow.tell, remainingMs: timeoutMs - slow.afterMs, deadlines: this.#deadlines };
  }

  #peerAt(address: Address, lane = ''): Peer {
    const known = this.#lanes.get(lane)?.get(address);
    if (known !== undefined) return known;
    parseAddress(address); // throws if it is not an address
    const peer = new Peer({ address, clock: this.#clock, random: this.#random, limits: this.#limits });
    const peers = this.#lanes.get(lane) ?? new Map<Address, Peer>();
    this.#lanes.set(lane, peers.set(address, peer));
    return peer;
  }
}

function warn(defect: unknown): void {
  process.emitWarning(defect instanceof Error ? defect : String(defect));
}

/** How processes talk: requests by method name and their one answer each, in any order. */
import type { FailureName, UnderstudyError } from './failure.ts';
import type { Pages } from './page.ts';

/** `host:port`; an IPv6 host stands in brackets. */
export type Address = string;

/** The params of a request: always an object, its fields not yet looked at. */
export type Params = Readonly<Record<string, unknown>>;

/**
 * The way back to one request. Exactly one of the two is to be called, once, now or later; further calls do nothing, and so does a
 * call after the connection ended. What is given must not be changed afterwards: it may become text only when the other end takes it.
 */
export interface Reply {
  /** Address of the machine that asks, without a port; absent where nobody knows it. */
  readonly from?: string | undefined;
  result(value: object): void;
  failure(error: UnderstudyError): void;
}

/** Answers one request, now or later. A thrown UnderstudyError is its answer; anything else thrown becomes INTERNAL_ERROR. */
export type Method = (params: Params, reply: Reply) => void;

/** Told of the one answer of each request, when it is given. */
export interface CallObserver {
  /** `tookMs`: milliseconds from the arrival of the request, with fractions. `failure`: undefined for a result. Must not throw. */
  answered(method: string, params: Params, tookMs: number, failure: FailureName | undefined): void;
}

/** Other nodes that serve web pages: a page that came from one of them may ask here. */
export interface Neighbours {
  /** As far as they are known now. */
  known(): Iterable<Address>;
  /** Looks whether there are more: called, and waited for, when a page of an unknown one asks. Must not reject. */
  refresh?(): Promise<void>;
}

export interface ListenOptions {
  /** Where to listen; port 0 picks a free one. */
  readonly address: Address;
  /** By name, such as `kv.get`. */
  readonly methods: Readonly<Record<string, Method>>;
  /** What plain HTTP requests are answered, where the transport speaks HTTP. */
  readonly pages?: Pages;
  /** Whose web pages may ask for these pages, besides those that came from this very listener. Nobody's, unless given; `/rpc` is for none. */
  readonly neighbours?: Neighbours;
  /** Host names under which HTTP requests are served, besides those of this machine, of the address, and of the `neighbours`. */
  readonly hostNames?: readonly string[];
  /**
   * Methods that only other nodes of the cluster call. A connection on which one of them was done belongs to such a node: it keeps its
   * place when there are too many connections, or too much is held for them.
   */
  readonly peerMethods?: readonly string[];
  /** Told of every answer of a method; not of requests that name none. */
  readonly observer?: CallObserver;
}

export interface Listener {
  /** The address with the port that was really taken. */
  readonly address: Address;
  /** Stops listening and ends every connection; answers that were given before still leave. */
  close(): Promise<void>;
}

export interface CallOptions {
  /** Milliseconds after which the call fails with TIMEOUT; Infinity is allowed. */
  readonly timeoutMs: number;
  /** Ends the call with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Calls of different lanes never wait for each other: each lane has a connection of its own to each address. Default: the lane ''. */
  readonly lane?: string | undefined;
  /** What a caller wants to hear of a call that takes long, and goes on. */
  readonly slow?: SlowCall | undefined;
}

export interface SlowCall {
  /** Milliseconds from the call on, less than `timeoutMs`. A request that has not left by then fails with TIMEOUT, definite. */
  readonly afterMs: number;
  /**
   * Called once, when the request has left and no answer has come by then. `isMoving`: bytes were heard from the peer since the request
   * left, or bytes to it are still leaving.
   */
  readonly tell: (isMoving: boolean) => void;
}

export interface Transport {
  /** Rejects with CONFLICTING_SERVER where the address is taken, with INVALID_PARAMS where it cannot be listened on. */
  listen(options: ListenOptions): Promise<Listener>;
  /**
   * Sends one request and resolves with its result; the params are copied at once. Every failure is an UnderstudyError: the one that
   * the peer answered; UNREACHABLE or OVERLOADED (definite: the request never left); CONNECTION_LOST (not definite); TIMEOUT, ABORTED or
   * CLOSED (definite exactly when the request never left); PARSE_ERROR, INVALID_REQUEST or TOO_LARGE where the peer's answer makes no
   * sense or is too large (not definite), or, definite, where the request itself is one that every peer would refuse.
   */
  call(to: Address, method: string, params: object, options: CallOptions): Promise<unknown>;
  /** Ends every outgoing connection; calls in flight fail with CLOSED. Listeners go on. */
  close(): Promise<void>;
}

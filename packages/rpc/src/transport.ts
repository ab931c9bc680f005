/**
 * The transport between processes: requests by method name with one answer each, in any order. Every failure of a call
 * says whether the request was definitely not executed.
 */
import type { FailureName, UnderstudyError } from './failure.ts';
import type { Pages } from './page.ts';

/** `host:port`; an IPv6 host is in brackets. */
export type Address = string;

/** The params of a request: always an object, with unchecked fields. */
export type Params = Readonly<Record<string, unknown>>;

/**
 * The reply handle of one request. Exactly one of the two methods must be called, once, now or later. Further calls do
 * nothing, and neither does a call after the connection ended. The value must not be changed afterwards, because it may
 * become text only when the other end reads it.
 */
export interface Reply {
  /** The address of the client's machine, without a port; absent if unknown. */
  readonly from?: string | undefined;
  result(value: object): void;
  failure(error: UnderstudyError): void;
}

/**
 * Answers one request, now or later. A thrown UnderstudyError is the answer; any other thrown value becomes
 * INTERNAL_ERROR.
 */
export type Method = (params: Params, reply: Reply) => void;

/** Observes the answer of each request. */
export interface CallObserver {
  /**
   * Called when an answer is given. `tookMs` is the time from the arrival of the request in milliseconds, with
   * fractions. `failure` is undefined for a result. Must not throw.
   */
  answered(method: string, params: Params, tookMs: number, failure: FailureName | undefined): void;
}

/** Other nodes that serve web pages. Their pages may send requests here. */
export interface Neighbours {
  /** The nodes known now. */
  known(): Iterable<Address>;
  /** Looks for more nodes. Called, and awaited, when a page of an unknown node sends a request. Must not reject. */
  refresh?(): Promise<void>;
}

export interface ListenOptions {
  /** The address to listen at; port 0 picks a free port. */
  readonly address: Address;
  /** The methods by name, for example `kv.get`. */
  readonly methods: Readonly<Record<string, Method>>;
  /** The pages for plain HTTP requests, if the transport supports HTTP. */
  readonly pages?: Pages;
  /**
   * The nodes whose web pages may request these pages, besides pages of this listener itself. By default none; `/rpc`
   * is never open to them.
   */
  readonly neighbours?: Neighbours;
  /**
   * Host names under which HTTP requests are served, besides those of this machine, of the address, and of
   * `neighbours`.
   */
  readonly hostNames?: readonly string[];
  /**
   * Methods that only other nodes of the cluster call. A connection on which one of them succeeded belongs to such a
   * node: it keeps its place when there are too many connections, or when connections hold too much.
   */
  readonly peerMethods?: readonly string[];
  /** Observes every answer of a method; not answers to requests that name no method. */
  readonly observer?: CallObserver;
}

export interface Listener {
  /** The address with the actual port. */
  readonly address: Address;
  /** Stops listening and ends every connection. Answers given before still leave. */
  close(): Promise<void>;
}

export interface CallOptions {
  /** Milliseconds after which the call fails with TIMEOUT; Infinity is allowed. */
  readonly timeoutMs: number;
  /** Aborts the call, which then fails with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Calls of different lanes never wait for each other, because each lane has its own connection to each address.
   * Default: the lane ''.
   */
  readonly lane?: string | undefined;
  /**
   * Makes a connection for this call alone, and ends it with the call. For addresses that anyone may have named:
   * otherwise each of them would keep a connection. Default false.
   */
  readonly once?: boolean | undefined;
  /** What to do when the call takes long. The call continues. */
  readonly slow?: SlowCall | undefined;
}

export interface SlowCall {
  /**
   * Milliseconds from the start of the call, less than `timeoutMs`. A request that has not left by then fails with
   * TIMEOUT, definite.
   */
  readonly afterMs: number;
  /**
   * Called once if the request has left and there is no answer by then. `isMoving` means that bytes arrived from the
   * peer since the request left, or that bytes to it are still leaving.
   */
  readonly tell: (isMoving: boolean) => void;
}

export interface Transport {
  /**
   * Starts a listener. Rejects with CONFLICTING_SERVER if the address is in use, and with INVALID_PARAMS if it cannot
   * be used.
   */
  listen(options: ListenOptions): Promise<Listener>;
  /**
   * Sends one request and resolves with its result. The params are copied at once. Every failure is an UnderstudyError:
   * the one that the peer answered; UNREACHABLE or OVERLOADED (definite, because the request never left);
   * CONNECTION_LOST (not definite); TIMEOUT, ABORTED or CLOSED (definite exactly if the request never left);
   * PARSE_ERROR, INVALID_REQUEST or TOO_LARGE if the peer's answer is malformed or too large (not definite), or if the
   * request itself is one that every peer would refuse (definite).
   */
  call(to: Address, method: string, params: object, options: CallOptions): Promise<unknown>;
  /** Ends every outgoing connection. Calls in flight fail with CLOSED. Listeners continue. */
  close(): Promise<void>;
}

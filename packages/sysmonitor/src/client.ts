/** Talks to the monitor, at whichever of its addresses answers. */
import {
  AbortWatch,
  type Address,
  PatientCalls,
  parseAddresses,
  realWorld,
  UnderstudyError,
  type World,
} from '@understudy/rpc';
import type { Ping, PingAnswer, View } from './contract.ts';
import { Late } from './late.ts';
import { type ToldView, viewsOf } from './monitor-states.ts';
import type { MonitorStatus } from './status.ts';
import { pingAnswerOf, statusOf, viewOf } from './wire.ts';

export interface MonitorClientOptions {
  /** The addresses of the monitor: one, several with commas between them, or a list. */
  readonly monitors: string | readonly string[];
  /** Default: the real one. */
  readonly world?: World;
  /** Milliseconds that each address has for its answer, until longer round trips were measured. Default 1,000. */
  readonly timeoutMs?: number;
}

export interface RequestOptions {
  /** Ends the request with ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

export interface LateOptions<T> extends RequestOptions {
  /** Told of an answer that comes after the request has failed with TIMEOUT. Unless set, the request itself waits somewhat longer for one. */
  readonly onLate?: ((answer: T) => void) | undefined;
}

export interface ViewOptions extends LateOptions<View> {
  /** After ten answers with no newer view, or one with none at all, the next request begins with another address. */
  readonly looksAround?: boolean | undefined;
}

const DEFAULT_TIMEOUT_MS = 1_000;
/** A failover takes fewer questions. */
const MOST_UNCHANGED = 10;

/**
 * Each request goes to the address that answered last, and to the others in turn when that does not answer, or not as a monitor does.
 * Failures are the monitor's own (RECOVERING, CONFLICTING_SERVER, INVALID_PARAMS), or that of the last address tried.
 *
 * Several addresses are meant for one state. Where two monitors have a state each, a ping never goes on to another one because the first
 * one recovers: then both would recover from the same reports, and give different views. Questions change nothing, so they do go on.
 */
export class MonitorClient {
  readonly #addresses: readonly Address[];
  readonly #world: World;
  readonly #ownsWorld: boolean;
  readonly #aborts = new AbortWatch();
  /** Requests that their caller may abort. */
  readonly #underWay = new Set<AbortController>();
  /** Ends all others. */
  readonly #end = new AbortController();
  readonly #calls: PatientCalls;
  readonly #timeoutMs: number;
  #next = 0;
  /** What was wrong with a view of another cluster. */
  #foreign: UnderstudyError | undefined;
  /** Answers with no newer view, one after the other. */
  #unchanged = 0;
  /** The newest view that a monitor told, and which one it was. */
  #told: ToldView | undefined;
  #isClosed = false;

  constructor({ monitors, world, timeoutMs = DEFAULT_TIMEOUT_MS }: MonitorClientOptions) {
    this.#addresses = parseAddresses(monitors, 'monitors');
    if (!(timeoutMs > 0)) throw invalid('timeoutMs', 'timeoutMs must be a number above 0');
    this.#timeoutMs = timeoutMs;
    this.#world = world ?? realWorld();
    const { clock, transport } = this.#world;
    this.#calls = new PatientCalls({
      clock,
      shortestMs: timeoutMs,
      call: (to, method, params, options) => transport.call(to, method, params, options),
    });
    this.#ownsWorld = world === undefined;
  }

  /** Tells the monitor about a server, and learns the view. */
  ping(ping: Ping, options: LateOptions<PingAnswer> = {}): Promise<PingAnswer> {
    const read = (result: unknown, from: Address): PingAnswer => {
      const answer = pingAnswerOf(result);
      this.#note({ address: from, view: answer.view });
      return answer;
    };
    return this.#request('sysmonitor.ping', ping, read, options);
  }

  /** The current view; viewnum 0 before the first one. Fails where nothing newer comes than the view of another cluster. */
  async view(options: ViewOptions = {}): Promise<View> {
    const known = this.#told?.view.viewnum ?? 0;
    const read = (result: unknown, from: Address): View => {
      const view = viewOf(result);
      this.#note({ address: from, view });
      return view;
    };
    const view = await this.#request('sysmonitor.view', {}, read, options);
    if (options.looksAround === true) this.#lookAround(view, known);
    const foreign = this.#foreign;
    this.#foreign = undefined;
    if (foreign !== undefined && view.viewnum <= known) throw foreign;
    return view;
  }

  /** The view of each monitor that answers. */
  views(): Promise<readonly ToldView[]> {
    const signal = this.#end.signal;
    const late = new Late<View>(undefined);
    const ask = (address: Address): Promise<View> =>
      this.#call({ address, method: 'sysmonitor.view', params: {}, read: viewOf, signal, late });
    return viewsOf(this.#addresses, ask);
  }

  /** The monitor that the next request goes to first. */
  get followed(): Address {
    return this.#addresses[this.#next] ?? '';
  }

  follow(address: Address): void {
    this.#next = Math.max(0, this.#addresses.indexOf(address));
  }

  get hasSeveral(): boolean {
    return this.#addresses.length > 1;
  }

  status(options: RequestOptions = {}): Promise<MonitorStatus> {
    return this.#request('sysmonitor.status', {}, statusOf, options);
  }

  /** Requests under way end with CLOSED. A world that was given is left as it is. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end.abort();
    for (const request of this.#underWay) request.abort();
    if (this.#ownsWorld) await this.#world.transport.close();
  }

  async #request<T>(
    method: string,
    params: object,
    read: (result: unknown, from: Address) => T,
    { signal, onLate }: LateOptions<T>,
  ): Promise<T> {
    if (this.#isClosed) throw closed(true);
    const late = new Late<T>(onLate);
    const goesOn = method !== 'sysmonitor.ping';
    const ask = (end: AbortSignal) => (address: Address) =>
      this.#call({ address, method, params, read, signal: end, late });
    if (signal === undefined) return this.#orLate(late, this.#tryEach(ask(this.#end.signal), goesOn));
    const request = new AbortController();
    if (signal.aborted) request.abort();
    const stopWatch = this.#aborts.watch(signal, () => request.abort());
    this.#underWay.add(request);
    try {
      return await this.#orLate(late, this.#tryEach(ask(request.signal), goesOn));
    } finally {
      this.#underWay.delete(request);
      stopWatch();
    }
  }

  /** The address that was asked may be that of a monitor whose view nobody follows. */
  #lookAround({ viewnum }: View, known: number): void {
    this.#unchanged = viewnum > known ? 0 : this.#unchanged + 1;
    if (viewnum > 0 && this.#unchanged < MOST_UNCHANGED) return;
    this.#unchanged = 0;
    this.#next = (this.#next + 1) % this.#addresses.length;
  }

  /** Fails for a view of another cluster than a different monitor told of. */
  #note(told: ToldView): void {
    const { address, view } = told;
    const { cluster } = this.#told?.view ?? {};
    const isForeign = cluster !== undefined && view.cluster !== undefined && view.cluster !== cluster;
    if (isForeign && this.#told?.address !== address) {
      const rules = `${address} rules cluster ${view.cluster}, and ${this.#told?.address} cluster ${cluster}`;
      this.#foreign = new UnderstudyError('INVALID_REQUEST', `the monitors disagree: ${rules}`, { definite: false });
      throw this.#foreign;
    }
    if (isForeign || view.viewnum > (this.#told?.view.viewnum ?? -1)) this.#told = told;
  }

  /** A monitor that recovers is asked no more when it is not the one that told of the view: that one was only slow to answer, perhaps. */
  #nextAfter({ name }: UnderstudyError, index: number): number {
    const teller = this.#addresses.indexOf(this.#told?.address ?? '');
    return name === 'RECOVERING' && teller >= 0 ? teller : index;
  }

  async #tryEach<T>(attempt: (address: Address) => Promise<T>, goesOn: boolean): Promise<T> {
    const first = this.#next;
    const failures: Failure[] = [];
    for (let tried = 0; tried < this.#addresses.length; tried++) {
      const index = (first + tried) % this.#addresses.length;
      const address = this.#addresses[index] ?? '';
      try {
        const result = await attempt(address);
        this.#next = index;
        return result;
      } catch (error) {
        if (!(error instanceof UnderstudyError)) throw error;
        if (this.#isClosed) throw closed(error.definite);
        if (error.name === 'ABORTED') throw error;
        if (isMonitorsAnswer(error) || (error.name === 'RECOVERING' && !goesOn)) {
          this.#next = this.#nextAfter(error, index);
          throw error;
        }
        failures.push({ address, error });
      }
    }
    // It says the most of all failures.
    throw failures.find(({ error }) => error.name === 'RECOVERING')?.error ?? together(failures);
  }

  /** A request that only its own caller waits for may be answered while that is worth something; at most so much longer. */
  async #orLate<T>(late: Late<T>, request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      const isSlow = error instanceof UnderstudyError && error.name === 'TIMEOUT';
      if (!isSlow || late.isWanted || this.#isClosed) throw error;
      return late.wait(this.#world.clock, LATEST * this.#timeoutMs, error);
    }
  }

  async #call<T>({ address, method, params, read, signal, late }: Attempt<T>): Promise<T> {
    const result = await this.#calls.call(address, method, params, {
      timeoutMs: Infinity,
      signal,
      bytes: 0,
      onLate: (answer) => late.give(() => read(answer, address)),
    });
    try {
      return read(result, address);
    } catch (cause) {
      if (!(cause instanceof UnderstudyError)) throw cause;
      throw new UnderstudyError('INVALID_REQUEST', `the answer makes no sense: ${cause.message}`, {
        definite: false,
        cause,
      });
    }
  }
}

/** Of the time that an address has. */
const LATEST = 3;

interface Attempt<T> {
  readonly address: Address;
  readonly method: string;
  readonly params: object;
  readonly read: (result: unknown, from: Address) => T;
  readonly signal: AbortSignal;
  readonly late: Late<T>;
}

interface Failure {
  readonly address: Address;
  readonly error: UnderstudyError;
}

/** Another address would say the same. */
function isMonitorsAnswer({ name }: UnderstudyError): boolean {
  return ['CONFLICTING_SERVER', 'INVALID_PARAMS', 'TOO_LARGE'].includes(name);
}

function together(failures: readonly Failure[]): UnderstudyError {
  const last = failures.at(-1);
  const reasons = failures.map(({ address, error }) => `${address}: ${error.message}`).join('; ');
  return new UnderstudyError(last?.error.name ?? 'UNREACHABLE', `no monitor answered (${reasons})`, {
    definite: failures.every(({ error }) => error.definite),
    cause: last?.error,
  });
}

function closed(definite: boolean): UnderstudyError {
  return new UnderstudyError('CLOSED', 'the monitor client was closed', { definite });
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}

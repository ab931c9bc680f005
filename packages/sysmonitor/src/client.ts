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

const DEFAULT_TIMEOUT_MS = 1_000;

/**
 * Each request goes to the address that answered last, and to the others in turn when that does not answer, or not as a monitor does.
 * Failures are the monitor's own (RECOVERING, CONFLICTING_SERVER, INVALID_PARAMS), or that of the last address tried.
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
    return this.#request('sysmonitor.ping', ping, pingAnswerOf, options);
  }

  /** The current view; viewnum 0 before the first one. */
  view(options: LateOptions<View> = {}): Promise<View> {
    return this.#request('sysmonitor.view', {}, viewOf, options);
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
    read: (result: unknown) => T,
    { signal, onLate }: LateOptions<T>,
  ): Promise<T> {
    if (this.#isClosed) throw closed(true);
    const late = new Late<T>(onLate);
    const ask = (end: AbortSignal) => (address: Address) =>
      this.#call({ address, method, params, read, signal: end, late });
    if (signal === undefined) return this.#orLate(late, this.#tryEach(ask(this.#end.signal)));
    const request = new AbortController();
    if (signal.aborted) request.abort();
    const stopWatch = this.#aborts.watch(signal, () => request.abort());
    this.#underWay.add(request);
    try {
      return await this.#orLate(late, this.#tryEach(ask(request.signal)));
    } finally {
      this.#underWay.delete(request);
      stopWatch();
    }
  }

  async #tryEach<T>(attempt: (address: Address) => Promise<T>): Promise<T> {
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
        if (isMonitorsAnswer(error)) {
          this.#next = index;
          throw error;
        }
        failures.push({ address, error });
      }
    }
    throw together(failures);
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
      onLate: (answer) => late.give(() => read(answer)),
    });
    try {
      return read(result);
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
  readonly read: (result: unknown) => T;
  readonly signal: AbortSignal;
  readonly late: Late<T>;
}

interface Failure {
  readonly address: Address;
  readonly error: UnderstudyError;
}

/** Another address would say the same. */
function isMonitorsAnswer({ name }: UnderstudyError): boolean {
  return ['RECOVERING', 'CONFLICTING_SERVER', 'INVALID_PARAMS', 'TOO_LARGE'].includes(name);
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

/** The client of the monitor. It asks whichever of the monitor's addresses answers. */
import { AbortWatch, type Address, PatientCalls, realWorld, UnderstudyError, type World } from '@understudy/rpc';
import { type Failure, isMonitorsAnswer, together } from './addresses-failed.ts';
import { type LateOptions, type MonitorClientOptions, type RequestOptions, settingsOf } from './client-options.ts';
import { ComparedSurveys } from './compared-surveys.ts';
import { NO_VIEW, type Ping, type PingAnswer, type View } from './contract.ts';
import { Late } from './late.ts';
import { type ToldView, viewsOf } from './monitor-states.ts';
import type { MonitorStatus } from './status.ts';
import { isForeign, survey } from './survey.ts';
import { pingAnswerOf, statusOf, viewOf } from './wire.ts';

/**
 * How long the first question for the view waits for other monitors after one has answered, as a fraction of
 * `timeoutMs`.
 */
const GRACE = 1 / 5;

/**
 * Each request goes to the address that answered last. If that address gives no answer, or no answer of a monitor, the
 * request goes to the others in turn. A request fails with the monitor's own failure (RECOVERING, CONFLICTING_SERVER,
 * INVALID_PARAMS), or with the failure of the last address tried.
 *
 * All addresses are meant to share one state. If two monitors have separate states, a ping never goes on to another
 * monitor because the first one recovers: both would then recover from the same reports and give different views. A
 * question for the view changes nothing, so it goes to all monitors at once, and the greatest view of the known cluster
 * is believed (survey.ts).
 */
export class MonitorClient {
  readonly #addresses: readonly Address[];
  readonly #world: World;
  readonly #ownsWorld: boolean;
  readonly #aborts = new AbortWatch();
  /** Requests that their caller may abort. */
  readonly #underWay = new Set<AbortController>();
  /** Ends all other requests. */
  readonly #end = new AbortController();
  readonly #calls: PatientCalls;
  readonly #timeoutMs: number;
  #next = 0;
  readonly #surveys = new ComparedSurveys();
  /** The newest view that a monitor reported, and the address of that monitor. */
  #told: ToldView | undefined;
  #isClosed = false;

  constructor(options: MonitorClientOptions) {
    const { world } = options;
    const { addresses, timeoutMs } = settingsOf(options);
    this.#addresses = addresses;
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

  /** Reports a server to the monitor, and returns the view. */
  ping(ping: Ping, options: LateOptions<PingAnswer> = {}): Promise<PingAnswer> {
    const read = (result: unknown, from: Address): PingAnswer => {
      const answer = pingAnswerOf(result);
      this.#note({ address: from, view: answer.view });
      return answer;
    };
    return this.#request('sysmonitor.ping', ping, { read }, options);
  }

  /**
   * The current view; viewnum 0 before the first one. A greater view that another monitor reports later is a late
   * answer.
   */
  view(options: LateOptions<View> = {}): Promise<View> {
    const readLate: Read<View> = (result, from) => this.#note({ address: from, view: viewOf(result) });
    const askAll = this.hasSeveral ? (ask: Ask<View>) => this.#survey(ask, options) : undefined;
    return this.#request('sysmonitor.view', {}, { read: readView, readLate, askAll }, options);
  }

  /**
   * A description of how several monitors disagree; "" if the last two questions for the view showed no disagreement.
   */
  get disagreement(): string {
    return this.#surveys.text;
  }

  /** The view of each monitor that answers. */
  views(): Promise<readonly ToldView[]> {
    const signal = this.#end.signal;
    const late = new Late<View>(undefined);
    const ask = (address: Address): Promise<View> =>
      this.#call({ address, method: 'sysmonitor.view', params: {}, read: readView, readLate: readView, signal, late });
    return viewsOf(this.#addresses, ask);
  }

  /** The monitor that gets the next request first. */
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
    return this.#request('sysmonitor.status', {}, { read: statusOf }, options);
  }

  /** Requests under way end with CLOSED. A world that the caller passed in stays open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end.abort();
    for (const request of this.#underWay) request.abort();
    if (this.#ownsWorld) await this.#world.transport.close();
  }

  async #request<T>(
    method: string,
    params: object,
    { read, readLate = read, askAll }: Way<T>,
    { signal, onLate }: LateOptions<T>,
  ): Promise<T> {
    if (this.#isClosed) throw closed(true);
    const late = new Late<T>(onLate);
    const goesOn = method !== 'sysmonitor.ping';
    const askWith = (end: AbortSignal): Promise<T> => {
      const ask: Ask<T> = (address) => this.#call({ address, method, params, read, readLate, signal: end, late });
      return askAll?.(ask) ?? this.#tryEach(ask, goesOn);
    };
    if (signal === undefined) return this.#orLate(late, askWith(this.#end.signal));
    const request = new AbortController();
    if (signal.aborted) request.abort();
    const stopWatch = this.#aborts.watch(signal, () => request.abort());
    this.#underWay.add(request);
    try {
      return await this.#orLate(late, askWith(request.signal));
    } finally {
      this.#underWay.delete(request);
      stopWatch();
      // A survey would otherwise continue after its caller has a view.
      if (askAll !== undefined) request.abort();
    }
  }

  async #survey(ask: Ask<View>, { onLate }: LateOptions<View>): Promise<View> {
    const told = await survey({
      clock: this.#world.clock,
      addresses: this.#addresses,
      ask,
      known: this.#told?.view ?? NO_VIEW,
      graceMs: GRACE * this.#timeoutMs,
      onLate: (told) => {
        if (this.#isClosed) return;
        this.#believe(told);
        onLate?.(told.view);
      },
      onAll: this.#surveys.begin(),
    });
    this.#believe(told);
    return told.view;
  }

  /** The next request goes to the monitor that gave the newest view. */
  #believe(told: ToldView): void {
    const known = this.#told?.view ?? NO_VIEW;
    if (told.view.viewnum <= known.viewnum && !isForeign(told.view, known)) return;
    this.#told = told;
    this.follow(told.address);
  }

  /** Throws if the view is of another cluster than a view that a different monitor reported. */
  #note(told: ToldView): View {
    const { address, view } = told;
    const { view: known, address: teller } = this.#told ?? { view: NO_VIEW, address };
    if (isForeign(view, known) && teller !== address) {
      const rules = `${address} rules cluster ${view.cluster}, and ${teller} cluster ${known.cluster}`;
      throw new UnderstudyError('INVALID_REQUEST', `the monitors disagree: ${rules}`, { definite: false });
    }
    if (isForeign(view, known) || view.viewnum > (this.#told?.view.viewnum ?? -1)) this.#told = told;
    return view;
  }

  /**
   * If a monitor recovers, and another one gave the known view, the next request goes to that other one: it may only
   * have been slow.
   */
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
        if (this.#isClosed || error.name === 'ABORTED') throw error;
        if (isMonitorsAnswer(error) || (error.name === 'RECOVERING' && !goesOn)) {
          this.#next = this.#nextAfter(error, index);
          throw error;
        }
        failures.push({ address, error });
      }
    }
    // RECOVERING says more than any other failure.
    throw failures.find(({ error }) => error.name === 'RECOVERING')?.error ?? together(failures);
  }

  /**
   * If a request has only one caller waiting, a late answer is still useful. It waits at most LATEST x `timeoutMs`
   * longer.
   */
  async #orLate<T>(late: Late<T>, request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      const isSlow = error instanceof UnderstudyError && error.name === 'TIMEOUT';
      if (this.#isClosed && error instanceof UnderstudyError) throw closed(error.definite);
      if (!isSlow || late.isWanted) throw error;
      return late.wait(this.#world.clock, LATEST * this.#timeoutMs, error);
    }
  }

  async #call<T>({ address, method, params, read, readLate, signal, late }: Attempt<T>): Promise<T> {
    const result = await this.#calls.call(address, method, params, {
      timeoutMs: Infinity,
      signal,
      bytes: 0,
      onLate: (answer) => late.give(() => readLate(answer, address)),
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

/** A multiple of `timeoutMs`. */
const LATEST = 3;

type Read<T> = (result: unknown, from: Address) => T;
const readView: Read<View> = (result) => viewOf(result);
type Ask<T> = (address: Address) => Promise<T>;

interface Way<T> {
  readonly read: Read<T>;
  /** Reads an answer that arrives after the request has ended. Default: `read`. */
  readonly readLate?: Read<T>;
  /** Default: one address after the other. */
  readonly askAll?: ((ask: Ask<T>) => Promise<T>) | undefined;
}

interface Attempt<T> {
  readonly address: Address;
  readonly method: string;
  readonly params: object;
  readonly read: Read<T>;
  readonly readLate: Read<T>;
  readonly signal: AbortSignal;
  readonly late: Late<T>;
}

function closed(definite: boolean): UnderstudyError {
  return new UnderstudyError('CLOSED', 'the monitor client was closed', { definite });
}

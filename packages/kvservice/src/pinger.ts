/** Tick by tick, tells the monitor that this server lives, and brings back the view. */
import { type Timer, UnderstudyError, type World, type Writable } from '@understudy/rpc';
import type { MonitorClient, Ping, PingAnswer } from '@understudy/sysmonitor';
import { RoundTrip } from './core/round-trip.ts';
import { MonitorComparison } from './monitor-comparison.ts';
import type { PingerNotice } from './notice.ts';

export interface PingerOptions {
  readonly world: World;
  readonly monitor: MonitorClient;
  readonly pingIntervalMs: number;
  /** How long a server counts as alive without a ping (V2). */
  readonly silenceMs: number;
  /** What to tell now, an object of its own each time; undefined: nothing yet. */
  readonly report: () => Omit<Ping, 'seq'> | undefined;
  /** That of this server, if it knows one. */
  readonly cluster: () => string | undefined;
  readonly onView: (pingedViewnum: number, answer: PingAnswer) => void;
  /** Another run of this server is the newer one (V11). */
  readonly onConflict: (error: UnderstudyError) => void;
  readonly onNotice: (notice: PingerNotice) => void;
}

interface SentPing {
  readonly seq: number;
  /** On the clock of this server. */
  readonly sentMs: number;
}

/** Milliseconds that each address of the monitor has for its answer. */
export function monitorPatienceMs(pingIntervalMs: number): number {
  return 5 * pingIntervalMs;
}

/** Ping intervals between two comparisons of several monitors. */
const COMPARED_EVERY = 10;

export class Pinger {
  readonly #options: PingerOptions;
  readonly #comparison: MonitorComparison;
  #seq = 0;
  /** Of the newest ping that was answered. */
  #answered = 0;
  #last: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #hasBegun = false;
  #isStopped = false;
  readonly #trip = new RoundTrip();
  #isDistant = false;
  /** What the monitor answered instead of a view, said once until that changes. */
  #trouble = '';

  constructor(options: PingerOptions) {
    this.#options = options;
    const { world, monitor, pingIntervalMs, onNotice } = options;
    this.#comparison = new MonitorComparison({
      clock: world.clock,
      monitor,
      intervalMs: COMPARED_EVERY * pingIntervalMs,
      cluster: options.cluster,
      onNotice,
    });
  }

  /** Pings now, and then once per interval. Of several monitors, it is found out first which one to ping. */
  start(): void {
    if (!this.#options.monitor.hasSeveral) return this.#begin();
    void this.#comparison.start().then(() => this.#begin());
  }

  /** Pings at once, but never before it is known which monitor to ping. */
  ping(): void {
    if (this.#hasBegun) this.#last = this.#ping();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#goOn();
  }

  /** A ping that is still under way does not keep the next one back. */
  #goOn(): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.world.clock.after(this.#options.pingIntervalMs, () => this.#goOn());
    this.ping();
  }

  /** Lets the last ping arrive, for as long as one ping interval, and then stops: it may be the goodbye (V14). */
  async finish(): Promise<void> {
    this.#timer?.cancel();
    const { clock } = this.#options.world;
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = clock.after(this.#options.pingIntervalMs, resolve);
    });
    await Promise.race([this.#last, patience]);
    timer?.cancel();
    this.stop();
  }

  /** What is under way is heard no more; it ends with the monitor's client. */
  stop(): void {
    this.#isStopped = true;
    this.#comparison.stop();
    this.#timer?.cancel();
  }

  async #ping(): Promise<void> {
    const { monitor, report } = this.#options;
    const ping: Writable<Ping> | undefined = report();
    if (ping === undefined) return;
    const seq = ++this.#seq;
    // Added, not copied: the report was made for this ping.
    ping.seq = seq;
    const sentMs = this.#options.world.clock.now();
    try {
      const { viewnum } = ping;
      const take = (answer: PingAnswer): void => this.#onAnswer(answer, viewnum, { seq, sentMs });
      take(await monitor.ping(ping, { onLate: take }));
    } catch (error) {
      if (!this.#isStopped) this.#onFailure(error, seq);
    }
  }

  /** Of a distant monitor, answers may come late: they are as true as others. */
  #onAnswer(answer: PingAnswer, viewnum: number, { seq, sentMs }: SentPing): void {
    if (this.#isStopped) return;
    this.#answered = Math.max(this.#answered, seq);
    this.#say('', { kind: 'monitor-answers' });
    this.#noteTrip(sentMs);
    this.#options.onView(viewnum, answer);
  }

  /** Says once that time-outs do not fit the way to the monitor: of several answers even the fastest took long. */
  #noteTrip(sentMs: number): void {
    const { world, silenceMs, onNotice } = this.#options;
    this.#trip.answered(sentMs, world.clock.now());
    if (this.#isDistant || (this.#trip.knownMs ?? 0) < silenceMs / 2) return;
    this.#isDistant = true;
    onNotice({ kind: 'monitor-distant', roundTripMs: this.#trip.baseMs, silenceMs });
  }

  #onFailure(error: unknown, seq: number): void {
    if (!(error instanceof UnderstudyError)) throw error;
    if (error.name === 'CONFLICTING_SERVER') return this.#options.onConflict(error);
    // A ping that is lost, when later ones were answered, is no news.
    if (seq < this.#answered) return;
    const { name, message: reason } = error;
    if (name === 'RECOVERING') return this.#say(name, { kind: 'monitor-recovering', reason });
    const waited = name === 'TIMEOUT' ? { waitedMs: monitorPatienceMs(this.#options.pingIntervalMs) } : {};
    this.#say(name, { kind: 'monitor-unreachable', reason, ...waited });
  }

  #say(trouble: string, notice: PingerNotice): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.onNotice(notice);
  }
}

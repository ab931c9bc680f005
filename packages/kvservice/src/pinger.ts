/**
 * Pings the monitor once per interval, to show that this server is alive, and reports the view in each answer.
 *
 * Pings overlap: one that is slow does not delay the next. Each carries a sequence number, so the monitor ignores one
 * that is overtaken (V11).
 */
import { type Timer, UnderstudyError, type World, type Writable } from '@understudy/rpc';
import type { MonitorClient, Ping, PingAnswer } from '@understudy/sysmonitor';
import { RoundTrip } from './core/round-trip.ts';
import { MonitorComparison } from './monitor-comparison.ts';
import type { PingerNotice } from './notice.ts';

export interface PingerOptions {
  readonly world: World;
  readonly monitor: MonitorClient;
  readonly pingIntervalMs: number;
  /** How long a server counts as alive without a ping (V2), in milliseconds. */
  readonly silenceMs: number;
  /** The content of the next ping, a new object each time; undefined while there is nothing to report yet. */
  readonly report: () => Omit<Ping, 'seq'> | undefined;
  /** The cluster of this server, if it knows one. */
  readonly cluster: () => string | undefined;
  readonly onView: (pingedViewnum: number, answer: PingAnswer) => void;
  /** Called when another run of this server is newer (V11). */
  readonly onConflict: (error: UnderstudyError) => void;
  readonly onNotice: (notice: PingerNotice) => void;
}

interface SentPing {
  readonly seq: number;
  /** The time of sending, on the clock of this server. */
  readonly sentMs: number;
}

/** How long to wait for an answer from each monitor address, in milliseconds. */
export function monitorPatienceMs(pingIntervalMs: number): number {
  return 5 * pingIntervalMs;
}

/** The ping intervals between two comparisons of several monitors. */
const COMPARED_EVERY = 10;

export class Pinger {
  readonly #options: PingerOptions;
  readonly #comparison: MonitorComparison;
  #seq = 0;
  /** The sequence number of the newest answered ping. */
  #answered = 0;
  #last: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #hasBegun = false;
  #isStopped = false;
  readonly #trip = new RoundTrip();
  #isDistant = false;
  /** The monitor's answer instead of a view; reported once until it changes. */
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

  /** Pings now and then once per interval. With several monitors, first finds out which one to ping. */
  start(): void {
    if (!this.#options.monitor.hasSeveral) return this.#begin();
    void this.#comparison.start().then(() => this.#begin());
  }

  /** Pings at once, unless the monitor to ping is not known yet. */
  ping(): void {
    if (this.#hasBegun) this.#last = this.#ping();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#goOn();
  }

  /** A ping in progress does not delay the next one. */
  #goOn(): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.world.clock.after(this.#options.pingIntervalMs, () => this.#goOn());
    this.ping();
  }

  /** Waits up to one ping interval for the last ping, which may announce a leave (V14), and then stops. */
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

  /** Stops. Answers to pings in progress are ignored; those calls end with the monitor's client. */
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
    // The field is set, not copied: the report was made for this ping.
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

  /** Handles an answer. Answers of a distant monitor may come late, and are as valid as others. */
  #onAnswer(answer: PingAnswer, viewnum: number, { seq, sentMs }: SentPing): void {
    if (this.#isStopped) return;
    this.#answered = Math.max(this.#answered, seq);
    this.#say('', { kind: 'monitor-answers' });
    this.#noteTrip(sentMs);
    this.#options.onView(viewnum, answer);
  }

  /**
   * Reports once that the time-outs are too short for the distance of the monitor: even the fastest of several answers
   * took long.
   */
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
    // A lost ping does not matter if later ones were answered.
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

/**
 * Where a server knows several monitors, asks each of them for its view: before the server's first ping, and now and
 * then. Tells when they are not of one state, and has the server ping the one that knows most of its cluster.
 */
import type { Clock, Timer } from '@understudy/rpc';
import { disagreement, type MonitorClient, monitorToFollow, type ToldView } from '@understudy/sysmonitor';
import type { PingerNotice } from './notice.ts';

export interface MonitorComparisonOptions {
  readonly clock: Clock;
  readonly monitor: MonitorClient;
  readonly intervalMs: number;
  /** That of the server; undefined: it knows none yet. */
  readonly cluster: () => string | undefined;
  readonly onNotice: (notice: PingerNotice) => void;
}

export class MonitorComparison {
  readonly #options: MonitorComparisonOptions;
  #timer: Timer | undefined;
  #before: readonly ToldView[] = [];
  #told = false;
  #isStopped = false;

  constructor(options: MonitorComparisonOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it is known which monitor to ping first: at once where there is only one. Then compares until it is
   * stopped.
   */
  async start(): Promise<void> {
    const { monitor } = this.#options;
    if (!monitor.hasSeveral) return;
    this.#before = await monitor.views();
    this.#follow(this.#before);
    if (!this.#isStopped) this.#wait();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #wait(): void {
    const { clock, intervalMs } = this.#options;
    this.#timer = clock.after(intervalMs, () => void this.#compare());
  }

  async #compare(): Promise<void> {
    const now = await this.#options.monitor.views();
    if (this.#isStopped) return;
    const views = disagreement(this.#before, now);
    this.#before = now;
    // Two that differ in the middle of a change do not disagree, and the one that was followed may be the newer in a
    // moment.
    if (views !== '') this.#follow(now);
    // Said once until they agree again: which view each of them has may change all the time.
    if ((views !== '') !== this.#told) {
      this.#told = views !== '';
      this.#options.onNotice(this.#told ? this.#disagree(views) : { kind: 'monitors-agree' });
    }
    this.#wait();
  }

  #disagree(views: string): PingerNotice {
    return { kind: 'monitors-disagree', views, follows: this.#options.monitor.followed };
  }

  #follow(told: readonly ToldView[]): void {
    const { monitor, cluster } = this.#options;
    const best = monitorToFollow(told, cluster());
    if (best !== undefined) monitor.follow(best);
  }
}

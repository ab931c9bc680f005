/**
 * Compares several monitors: asks each of them for its view, before the server's first ping and regularly after that.
 * Reports a disagreement, and makes the server ping the monitor that knows most of its cluster.
 */
import type { Clock, Timer } from '@understudy/rpc';
import { disagreement, type MonitorClient, monitorToFollow, type ToldView } from '@understudy/sysmonitor';
import type { PingerNotice } from './notice.ts';

export interface MonitorComparisonOptions {
  readonly clock: Clock;
  readonly monitor: MonitorClient;
  readonly intervalMs: number;
  /** The cluster of the server; undefined while it knows none. */
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
   * Resolves when the first monitor to ping is known: at once if there is only one. Then compares until it is stopped.
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
    // Two monitors that differ in the middle of a change do not disagree, and the one that is followed may be the newer
    // in a moment.
    if (views !== '') this.#follow(now);
    // Reported once until they agree again, because the view of each of them may change all the time.
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

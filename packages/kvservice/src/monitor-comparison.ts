/** Where a server knows several monitors, asks each of them now and then for its view, and tells when they are not of one state. */
import type { Clock, Timer } from '@understudy/rpc';
import { disagreement, type MonitorClient, type ToldView } from '@understudy/sysmonitor';
import type { PingerNotice } from './notice.ts';

export interface MonitorComparisonOptions {
  readonly clock: Clock;
  readonly monitor: MonitorClient;
  readonly intervalMs: number;
  readonly onNotice: (notice: PingerNotice) => void;
}

export class MonitorComparison {
  readonly #options: MonitorComparisonOptions;
  #timer: Timer | undefined;
  #before: readonly ToldView[] = [];
  #told = false;
  #isRunning = false;
  #isStopped = false;

  constructor(options: MonitorComparisonOptions) {
    this.#options = options;
  }

  /** With one monitor there is nothing to compare. */
  start(): void {
    if (this.#isRunning || !this.#options.monitor.hasSeveral) return;
    this.#isRunning = true;
    this.#wait();
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
    // Said once until they agree again: which view each of them has may change all the time.
    if ((views !== '') !== this.#told) {
      this.#told = views !== '';
      this.#options.onNotice(this.#told ? { kind: 'monitors-disagree', views } : { kind: 'monitors-agree' });
    }
    this.#wait();
  }
}

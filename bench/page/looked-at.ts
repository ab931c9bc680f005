/** A page in a browser that is measured: the times between its frames, what it holds in memory, and how busy its thread is. */
import type { BrowserContext, CDPSession, Page } from 'playwright-core';

export interface Frames {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** Share of those that came later than 20 ms after the one before: at 60 a second, at least one was left out. */
  readonly late: number;
}

export interface Held {
  /** What the JavaScript holds after a collection of garbage, in bytes. */
  readonly heapBytes: number;
  readonly elements: number;
  readonly listeners: number;
}

const LATE_MS = 20;
/** The times between frames of a minute and more, kept in one place: measuring makes no garbage. */
const RECORD = `{
  const times = new Float32Array(20_000);
  let count = 0;
  let before = 0;
  const frame = (now) => {
    if (before > 0 && count < times.length) times[count++] = now - before;
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  globalThis.takeFrames = () => {
    const taken = Array.from(times.subarray(0, count));
    count = 0;
    return taken;
  };
}`;

export class LookedAt {
  readonly page: Page;
  /** What went wrong in it. */
  readonly errors: string[] = [];
  readonly #session: CDPSession;
  #busySeconds = 0;

  private constructor(page: Page, session: CDPSession) {
    this.page = page;
    this.#session = session;
    page.on('pageerror', ({ message }) => this.errors.push(message));
    page.on('crash', () => this.errors.push('the page crashed'));
  }

  static async open(context: BrowserContext, url: string): Promise<LookedAt> {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const looked = new LookedAt(page, session);
    await page.goto(url);
    await page.evaluate(RECORD);
    await session.send('Performance.enable');
    await looked.takeBusySeconds();
    return looked;
  }

  /** Since it was asked last. */
  async takeFrames(): Promise<Frames> {
    const times = Float64Array.from(await this.page.evaluate<number[]>('takeFrames()')).sort();
    const at = (share: number) => times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? Number.NaN;
    const late = times.reduce((sum, time) => sum + (time > LATE_MS ? 1 : 0), 0);
    return {
      count: times.length,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      longestMs: at(1),
      late: late / times.length,
    };
  }

  /** What the page's thread has done, in seconds of the clock, since it was asked last. */
  async takeBusySeconds(): Promise<number> {
    const { metrics } = await this.#session.send('Performance.getMetrics');
    const total = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    const since = total - this.#busySeconds;
    this.#busySeconds = total;
    return since;
  }

  /** Collects garbage first, and leaves out the frame that this takes. */
  async held(): Promise<Held> {
    await this.#session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#session.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await this.#session.send('Memory.getDOMCounters');
    await this.takeFrames();
    return { heapBytes: usedSize, elements: nodes, listeners: jsEventListeners };
  }
}

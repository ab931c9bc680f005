/** A trace on the page that plays it, as the command serves it, in a browser. */
import { realWorld } from '@understudy/rpc';
import { Trace } from '../../../packages/cli/src/replay/trace.ts';
import { tracePages } from '../../../packages/cli/src/replay/trace-pages.ts';
import { eventually } from '../../cli/command.ts';
import type { PageOptions, TestBrowser, TestPage } from '../../dashboard/support/browser.ts';

export class Played implements AsyncDisposable {
  readonly opened: TestPage;
  readonly #close: () => Promise<void>;

  static async open(browser: TestBrowser, path: string, look: PageOptions = {}): Promise<Played> {
    const trace = await Trace.open(path);
    const { transport } = realWorld();
    const listener = await transport.listen({ address: '127.0.0.1:0', methods: {}, pages: tracePages(trace) });
    const opened = await browser.open(`http://${listener.address}/`, look);
    await opened.page.locator('#replay').waitFor();
    return new Played(opened, async () => {
      await listener.close();
      await trace.close();
    });
  }

  private constructor(opened: TestPage, close: () => Promise<void>) {
    this.opened = opened;
    this.#close = close;
  }

  /** The words of the event at hand. */
  get words(): Promise<string> {
    return this.opened.text('#detail-words');
  }

  /** The moment, in virtual milliseconds. */
  async at(): Promise<number> {
    return Math.round(Number.parseFloat(await this.opened.text('#clock')) * 10_000) / 10;
  }

  /** Resolves when the moment is one that fits. */
  async until(fits: (at: number) => boolean): Promise<void> {
    await eventually('the moment comes', async () => fits(await this.at()));
  }

  /** Resolves when that is the event at hand. */
  async isAt(words: string | RegExp): Promise<void> {
    await this.opened.says('#detail-words', words);
  }

  /** What the drawing says of a process: its role and state, and the line below. */
  async process(name: string): Promise<string> {
    const node = this.opened.page.locator(`#topology .node[data-id="${name}"]`);
    return `${await node.locator('.role').textContent()} | ${await node.locator('.detail').textContent()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened[Symbol.asyncDispose]();
    await this.#close();
  }
}

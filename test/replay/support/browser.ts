/** A browser for tests of the replay: Debian's chromium, one for all tests, and the trace under it as the command serves it. */
import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Listener, realWorld } from '@understudy/rpc';
import type { Context } from 'mocha';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Trace } from '../../../packages/cli/src/replay/trace.ts';
import { tracePages } from '../../../packages/cli/src/replay/trace-pages.ts';
import { eventually } from '../../cli/command.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const QUIET = ['quic', 'background-networking', 'component-update', 'sync'].map((what) => `--disable-${what}`);
const SCREENSHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Skips the tests where there is no chromium, unless CI wants them. */
export async function launch(context: Context): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    if (process.env.CI === 'true') throw new Error('chromium is not installed');
    context.skip();
  }
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...QUIET],
  });
}

export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly phone?: boolean;
}

/** A trace that is served, on a page that plays it. */
export class Played implements AsyncDisposable {
  readonly page: Page;
  /** What the page complains about. */
  readonly errors: string[] = [];
  readonly #close: () => Promise<void>;

  static async open(browser: Browser, path: string, { scheme = 'light', phone = false }: Look = {}): Promise<Played> {
    const trace = await Trace.open(path);
    const { transport } = realWorld();
    const listener = await transport.listen({ address: '127.0.0.1:0', methods: {}, pages: tracePages(trace) });
    const viewport = phone ? { width: 390, height: 844 } : { width: 1_440, height: 900 };
    const page = await browser.newPage({ viewport, colorScheme: scheme, hasTouch: phone, isMobile: phone });
    const played = new Played(page, () => closeAll(page, listener, trace));
    await page.goto(`http://${listener.address}/`);
    await page.locator('#replay').waitFor();
    return played;
  }

  private constructor(page: Page, close: () => Promise<void>) {
    this.page = page;
    this.#close = close;
    page.on('pageerror', ({ message }) => this.errors.push(message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.errors.push(message.text());
    });
  }

  /** The words of the event at hand. */
  get words(): Promise<string> {
    return this.page.locator('#detail-words').innerText();
  }

  /** The moment, in virtual milliseconds. */
  async at(): Promise<number> {
    return Math.round(Number.parseFloat(await this.page.locator('#clock').innerText()) * 10_000) / 10;
  }

  /** Resolves when the moment is one that fits. */
  async until(fits: (at: number) => boolean): Promise<void> {
    await eventually('the moment comes', async () => fits(await this.at()));
  }

  /** What the drawing says of a process: its role and state, and the line below. */
  async process(name: string): Promise<string> {
    const node = this.page.locator(`#topology .node[data-id="${name}"]`);
    return `${await node.locator('.role').textContent()} | ${await node.locator('.detail').textContent()}`;
  }

  /** What axe-core has against the page. */
  async barriers(): Promise<readonly string[]> {
    await this.page.evaluate(await readFile(AXE, 'utf8'));
    type Found = readonly { readonly id: string; readonly nodes: readonly object[] }[];
    const found: Found = await this.page.evaluate('axe.run().then(({ violations }) => violations)');
    return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${JSON.stringify(node)}`));
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

async function closeAll(page: Page, listener: Listener, trace: Trace): Promise<void> {
  await page.close();
  await listener.close();
  await trace.close();
}

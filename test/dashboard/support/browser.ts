/** Debian's chromium for tests of pages: one process for all of them, a page each, and what goes wrong in it. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** It notes each request that gets no answer or a refusal: of a node that died, of a compare-and-set that came too late. */
const BY_THE_BROWSER = /^Failed to load resource: |net::ERR_/;
const SCREENSHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export interface PageOptions {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** It has a touch screen. */
  readonly hasTouch?: boolean;
}

export type Look = Required<Pick<PageOptions, 'scheme' | 'width' | 'height'>>;

export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** For a `before`: skips where chromium is not installed, and fails where it must be. */
  static async start(context: Context): Promise<TestBrowser> {
    if (!existsSync(CHROMIUM)) {
      if (process.env.CI === 'true') throw new Error('chromium is not installed');
      context.skip();
    }
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
    // The first page takes both processors for a while: not from a cluster that would take its members for dead.
    await (await browser.newPage()).close();
    return new TestBrowser(browser);
  }

  async open(url: string, look: PageOptions = {}): Promise<TestPage> {
    const { scheme = 'light', width = 1_440, height = 900, hasTouch = false } = look;
    const page = await this.#browser.newPage({ colorScheme: scheme, viewport: { width, height }, hasTouch });
    const opened = new TestPage(page);
    await page.goto(url);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

export class TestPage implements AsyncDisposable {
  readonly page: Page;
  /** Of the page itself. */
  readonly errors: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', ({ message }) => this.errors.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !BY_THE_BROWSER.test(message.text())) this.errors.push(message.text());
    });
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText();
  }

  /** Resolves when such an element says that. */
  async says(selector: string, words: string | RegExp, timeout = 5_000): Promise<void> {
    try {
      await this.page.locator(selector).filter({ hasText: words }).first().waitFor({ timeout });
    } catch {
      await this.screenshot('failed');
      const said = await this.page.locator(selector).allInnerTexts();
      throw new Error(`${selector} never said ${words}, but: ${said.join(' | ')}`);
    }
  }

  /** The same page, looked at differently; resolves when it is drawn so. */
  async look({ scheme, width, height }: Look): Promise<void> {
    await this.page.emulateMedia({ colorScheme: scheme });
    await this.page.setViewportSize({ width, height });
    await this.drawn();
  }

  /** Resolves when everything is on the page that was asked for up to now: what observers of sizes ask for, too, comes with the frame after the next. */
  drawn(): Promise<void> {
    return this.page.evaluate(
      'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))))',
    );
  }

  /** How wide the page is, what one has to scroll to included. */
  width(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth');
  }

  /**
   * What axe-core finds against it, one line each; what it is unsure of is included where that hangs on the moment,
   * not on the page: a name without a role is a violation only while the element is empty.
   */
  async violations(): Promise<string[]> {
    // Past the policy of the page, which is about others' scripts.
    if (!(await this.page.evaluate<boolean>('"axe" in window'))) await this.page.evaluate(await readFile(AXE, 'utf8'));
    const { violations, incomplete } = await this.page.evaluate<Findings>('axe.run(document)');
    const ofTheMoment = incomplete.filter(({ id }) => id === 'aria-prohibited-attr');
    return [...violations, ...ofTheMoment].flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
  }

  async screenshot(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}

interface Findings {
  readonly violations: readonly Finding[];
  readonly incomplete: readonly Finding[];
}

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** The page in use, on a cluster that is played: keys, moments of the past, the feed, requests as text, the keyboard, a node that dies. */
import { expect } from 'chai';
import { TestBrowser, type TestPage } from './support/browser.ts';
import { FakeCluster } from './support/fake-cluster.ts';
import { SITUATIONS, type Situation } from './support/situations.ts';

describe('the page in use', () => {
  let browser: TestBrowser;
  before(async function () {
    browser = await TestBrowser.start(this);
  });
  after(() => browser?.[Symbol.asyncDispose]());

  /** Plays it, and looks at it. */
  async function on(
    situation: Situation,
    use: (opened: TestPage, cluster: FakeCluster) => Promise<void>,
  ): Promise<void> {
    await using cluster = await FakeCluster.play(situation);
    await using opened = await browser.open(cluster.url);
    await opened.says('#key-list .key', 'user/0002');
    await use(opened, cluster);
    expect(opened.errors).to.deep.equal([]);
  }

  it('changes a key only while it is what was read, and shows both values where it is not', () =>
    on(SITUATIONS.idle, async (opened, { keys }) => {
      const { page } = opened;
      await page.locator('#prefix').fill('user/0002');
      await page.locator('#key-list button', { hasText: 'user/0002' }).click();
      await page.locator('#key-value').fill('mine');
      keys.put('user/0002', 'theirs');
      await page.locator('#key-save').click();
      await opened.says('#key-conflict', 'Somebody else was faster');
      expect(await opened.text('#key-mine')).to.equal('mine');
      expect(await opened.text('#key-theirs')).to.equal('theirs');
      expect(await opened.violations()).to.deep.equal([]);
      await opened.screenshot('conflict');
      expect(keys.valueOf('user/0002')).to.equal('theirs');
      await page.locator('#key-keep-mine').click();
      await page.locator('#key-editor').waitFor({ state: 'hidden' });
      expect(keys.valueOf('user/0002')).to.equal('mine');
      await opened.says('#key-list .value', 'mine');
    }));

  it('creates and deletes keys', () =>
    on(SITUATIONS.idle, async (opened, { keys }) => {
      const { page } = opened;
      await page.locator('#key-new').click();
      await page.locator('#key-name').fill('a new/one');
      await page.locator('#key-value').fill('1');
      await page.locator('#key-save').click();
      await opened.says('#key-list .key', 'a new/one');
      expect(keys.valueOf('a new/one')).to.equal('1');
      await page.locator('#key-list button', { hasText: 'a new/one' }).click();
      await page.locator('#key-delete').click();
      await page.locator('#key-list .key', { hasText: 'a new/one' }).waitFor({ state: 'detached' });
      expect(keys.valueOf('a new/one')).to.equal(undefined);
    }));

  it('shows all of it at a moment of the past, and leads back', () =>
    on(SITUATIONS.failover, async (opened) => {
      const { page } = opened;
      await page.locator('#views button', { hasText: 'View 2' }).click();
      await opened.says('#moment', 'view 2');
      await opened.says('#verdict-headline', 'View 2');
      expect(await page.locator('#nodes tbody tr.primary').count()).to.equal(1);
      await opened.says('#nodes tr.primary', 'unknown');
      expect(await page.locator('#key-new').isDisabled()).to.equal(true);
      expect(await opened.violations()).to.deep.equal([]);
      await opened.screenshot('past');
      await page.locator('#moment-later').click();
      await opened.says('#moment', 'view 3');
      await page.keyboard.press('Escape');
      await opened.says('#verdict-headline', 'No backup');
      expect(await page.locator('#moment').isVisible()).to.equal(false);
    }));

  it('filters what happened', () =>
    on(SITUATIONS.failover, async ({ page }) => {
      const lines = page.locator('#events li');
      const only = async (level: string): Promise<void> => {
        await lines.nth(1).waitFor({ state: 'detached' }); // drawn with the next frame
        expect(await lines.first().getAttribute('class')).to.equal(level);
      };
      expect(await lines.count()).to.be.above(1);
      await page.locator('#feed-text').fill('silent (primary)');
      await only('warn');
      await page.locator('#feed-text').fill('');
      await lines.nth(1).waitFor();
      await page.locator('#feed-level').selectOption('error');
      await only('error');
      await page.locator('#feed-text').fill('nothing like it');
      await page.locator('#no-events').waitFor();
    }));

  it('shows the request behind a button, and what makes trouble only where the cluster offers it', () =>
    on(SITUATIONS.load, async (opened, { control, cast }) => {
      const { page } = opened;
      await page.locator('#chaos-nodes li').nth(1).locator('.code').click();
      expect(await opened.text('#request-curl')).to.equal(
        `curl -X PUT -H 'Content-Type: text/plain' --data-binary '' 'http://${control?.address}/chaos/kill?node=${encodeURIComponent(cast.servers[0] ?? '')}'`,
      );
      expect(await opened.text('#request-typescript')).to.contain("method: 'PUT'");
      expect(await opened.violations()).to.deep.equal([]);
      await page.locator('#request-close').click();
      await page.locator('#chaos-nodes [data-action=pause]').nth(1).click();
      await expectSoon(() => control?.changes.length === 1);
      expect(control?.changes).to.deep.equal([`/chaos/pause?node=${encodeURIComponent(cast.servers[0] ?? '')}`]);
      await using other = await FakeCluster.play(SITUATIONS.idle);
      await using calm = await browser.open(other.url);
      await calm.says('#verdict-headline', 'All is well');
      expect(await calm.page.locator('#chaos').isVisible()).to.equal(false);
    }));

  it('goes on when the node that it came from dies, and greys what is old when all are gone', () =>
    on({ ...SITUATIONS.idle, from: 2 }, async (opened, cluster) => {
      await cluster.kill(2);
      await opened.says(
        '#notes',
        `${cluster.cast.servers[2]}, where this page came from, is gone: now reading from 3 others`,
      );
      await opened.says('#age', 'live');
      await opened.says('#key-list .key', 'user/0002');
      for (const who of ['monitor', 0, 1] as const) await cluster.kill(who);
      await opened.says('#verdict-headline', 'Nobody answers.');
      await opened.says('#age.old', /data is \d/);
      expect(await opened.violations()).to.deep.equal([]);
      await opened.screenshot('nobody');
    }));

  it('hears a node that joined after it was loaded, and asks it, as soon as its own node names it', async () => {
    const { idle } = SITUATIONS;
    await using cluster = await FakeCluster.play(idle, { unnamed: 0 });
    await using opened = await browser.open(cluster.url);
    const [late = ''] = cluster.cast.servers;
    await opened.says('#notes', `${late} joined after this page was loaded`);
    await opened.says('#source', `hears ${idle.servers} of ${idle.servers + 1}`);
    cluster.name();
    await opened.says('#source', `hears ${idle.servers + 1} of ${idle.servers + 1}`, 10_000);
    await opened.page.locator('#notes .note').waitFor({ state: 'detached' });
    for (let other = 1; other < idle.servers; other += 1) await cluster.kill(other);
    cluster.keys.put('user/0002', 'asked of the late one');
    await opened.says('#keys-words', late);
    await opened.says('#key-list .value', 'asked of the late one');
    await opened.page.locator('#key-list button', { hasText: 'user/0002' }).click();
    await opened.page.locator('#key-value').fill('written to it');
    await opened.page.locator('#key-save').click();
    await opened.page.locator('#key-editor').waitFor({ state: 'hidden' });
    expect(cluster.keys.valueOf('user/0002')).to.equal('written to it');
    // The browser notes for developers what it did not do.
    expect(opened.errors.filter((error) => !error.includes('Content Security Policy'))).to.deep.equal([]);
  });

  it('can be used by the keyboard alone', () =>
    on(SITUATIONS.idle, async ({ page }) => {
      const focused = () =>
        page.evaluate<string>(
          'document.activeElement.id || document.activeElement.className || document.activeElement.tagName',
        );
      await page.keyboard.press('Tab');
      expect(await focused()).to.equal('skip');
      const seen = new Set<string>();
      for (let step = 0; step < 60; step += 1) {
        await page.keyboard.press('Tab');
        seen.add(await focused());
      }
      expect([...seen]).to.include.members([
        'scrub',
        'views',
        'prefix',
        'key-new',
        'feed-text',
        'feed-level',
        'events',
      ]);
      await page.locator('#key-new').focus();
      await page.keyboard.press('Enter');
      expect(await focused()).to.equal('key-name');
      await page.keyboard.press('Escape');
      expect(await focused(), 'back where it was').to.equal('key-new');
    }));
});

async function expectSoon(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!holds() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).to.equal(true);
}

/** The page that plays a trace, in a browser: it plays, steps, seeks, shows the failover and the violation. Pictures of it are kept. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { launch, Played } from './support/browser.ts';
import { FAILOVER, Folder, STALE_READ, traceOf } from './support/runs.ts';

describe('the page of a replay', function () {
  this.timeout(60_000);
  const folder = new Folder();
  let browser: Browser | undefined;
  let failover = '';
  before(async function () {
    browser = await launch(this);
    failover = folder.file('failover.jsonl', await traceOf(FAILOVER));
  });
  after(async () => {
    await browser?.close();
    folder[Symbol.dispose]();
  });
  const open = (path: string, look = {}) => Played.open(browser as Browser, path, look);

  it('goes to the violation, marks it, and says what the checker says', async () => {
    await using played = await open(STALE_READ);
    const { page } = played;
    expect(await page.locator('#verdict').innerText()).to.equal('violation at 1.329 s');
    expect(await page.locator('#violation-text').innerText()).to.match(
      /^1\.329 s at a: a:1 answered .* after the primary of view 3/,
    );
    await page.click('#go-there');
    await page.locator('#now .bad').filter({ hasText: 'broken: an old primary answers' }).waitFor();
    expect(await played.words).to.match(/^violated: an old primary answers no read after/);
    expect(await played.process('a')).to.match(/^primary \| view 2 · log \d+$/);
    expect(await played.process('b')).to.match(/^primary \| view 3 · log \d+$/);
    expect(await page.locator('#topology .link.cut').count()).to.equal(3);
    await page.locator('#detail-text').filter({ hasText: '"rules": "L1, L2, L3"' }).waitFor();
    expect(await page.locator('#events [aria-current]').innerText()).to.match(/violated/);
    await played.screenshot('violation');
    expect(await played.barriers()).to.deep.equal([]);
    expect(played.errors).to.deep.equal([]);
  });

  it('plays by itself, at its speed, and stops; messages fly', async () => {
    await using played = await open(failover);
    const { page } = played;
    await page.selectOption('#speed', '0.1');
    await page.keyboard.press('Space');
    await page.locator('#topology .flight').first().waitFor();
    await played.until((at) => at > 50);
    await page.keyboard.press('Space');
    await page.locator('#play').filter({ hasText: 'Play' }).waitFor();
    const at = await played.at();
    expect(at).to.be.within(50, 3_000);
    await page.selectOption('#speed', 'Infinity');
    await page.click('#play');
    await page.locator('#events .process').filter({ hasText: 'end, 0 violations' }).waitFor({ timeout: 20_000 });
    await page.locator('#play').filter({ hasText: 'Play' }).waitFor({ timeout: 20_000 });
    expect(await played.at()).to.be.above(6_000);
    expect(played.errors).to.deep.equal([]);
  });

  it('steps and seeks by keys, buttons, list and slider, and shows the failover', async () => {
    await using played = await open(failover, { scheme: 'dark' });
    const { page } = played;
    const views = readFileSync(failover, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"kind":"view"'));
    const lost = views.findIndex((line) => line.includes('primary-silent'));
    for (let view = 0; view <= lost; view++) await page.keyboard.press('ArrowDown');
    await page.locator('#detail-words').filter({ hasText: 'silent for' }).waitFor();
    expect(await played.words).to.match(/^view \d+: primary (\w):1, .* - primary \w:1 silent for \d+ ms/);
    const next = /primary (\w):1,/.exec(await played.words)?.[1] ?? '';
    await played.screenshot('failover-dark');
    await page.fill('#search', `${next} knows view primary`);
    await page.locator('#events-count').filter({ hasText: ' of ' }).waitFor();
    const rows = page.locator('#events button');
    await rows.filter({ hasText: `view ${lost + 1}: primary` }).click();
    await page
      .locator('#detail-words')
      .filter({ hasText: `${next} knows view ${lost + 1}: primary` })
      .waitFor();
    expect(await played.process(next)).to.match(new RegExp(`^primary \\| view ${lost + 1} `));
    await page.fill('#search', '');
    const before = await played.words;
    await page.locator('#detail-title').click();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowRight');
    await page.click('[aria-label="One event back"]');
    await page.click('[aria-label="One event on"]');
    expect(await played.words).not.to.equal(before);
    await page.keyboard.press('End');
    await page.locator('#detail-words').filter({ hasText: 'end, 0 violations' }).waitFor();
    await page.locator('#scrubber').fill('5000');
    await played.until((at) => Math.abs(at - 3_000) < 200);
    await page.keyboard.press('Home');
    await page.locator('#detail-title').click();
    await page.keyboard.press('Home');
    await page.locator('#detail-words').filter({ hasText: 'seed 6: 3 servers, 2 clients' }).waitFor();
    expect(await played.barriers()).to.deep.equal([]);
    expect(played.errors).to.deep.equal([]);
  });

  it('shows in the diagram what is clicked, and comes back to a moment by its link', async () => {
    await using played = await open(STALE_READ);
    const { page } = played;
    await page.click('#go-there');
    const box = await page.locator('#space-time').boundingBox();
    const [left, width] = [box?.x ?? 0, box?.width ?? 0];
    await page.locator('#space-time').click({ position: { x: width / 2, y: 30 } });
    await played.until((at) => at < 1_328.8);
    const at = await played.at();
    await page.mouse.move(left + width / 2, (box?.y ?? 0) + 60);
    await page.mouse.down();
    await page.mouse.move(left + width / 2 + 200, (box?.y ?? 0) + 60, { steps: 4 });
    await page.mouse.up();
    expect(await played.at(), 'a drag moves the diagram, not the moment').to.equal(at);
    expect(await page.locator('#follow').isChecked()).to.equal(false);
    await page.reload();
    await page.locator('#replay').waitFor();
    await page.locator('#detail-words').filter({ hasText: /./ }).waitFor();
    expect(await played.at()).to.equal(at);
    expect(played.errors).to.deep.equal([]);
  });

  it('can be used on a phone, in the dark, and says what is missing', async () => {
    const cut = folder.file('cut.jsonl', readFileSync(STALE_READ, 'utf8').slice(0, 60_000));
    await using played = await open(cut, { scheme: 'dark', phone: true });
    const { page } = played;
    expect(await page.locator('#missing').innerText()).to.match(/^The file breaks off in the middle of line \d+/);
    expect(await page.locator('#verdict').innerText()).to.equal('not to its end');
    await page.tap('[aria-label="One view on"]');
    await page.locator('#detail-words').filter({ hasText: 'view 1: primary' }).waitFor();
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    expect(wide, 'nothing sticks out').to.be.at.most(390);
    await played.screenshot('phone-dark');
    expect(await played.barriers()).to.deep.equal([]);
    expect(played.errors).to.deep.equal([]);
  });
});

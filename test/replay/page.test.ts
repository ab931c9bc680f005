/** The page that plays a trace, in a browser: it plays, steps, seeks, shows the failover and the violation. Pictures of it are kept. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type PageOptions, TestBrowser } from '../dashboard/support/browser.ts';
import { drag } from './support/fingers.ts';
import { Played } from './support/played.ts';
import { Folder, failover, STALE_READ } from './support/runs.ts';

describe('the page of a replay', function () {
  this.timeout(60_000);
  const folder = new Folder();
  let browser: TestBrowser | undefined;
  let lostPrimary = '';
  before(async function () {
    browser = await TestBrowser.start(this);
    lostPrimary = folder.file('failover.jsonl', (await failover()).text);
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const open = (path: string, look: PageOptions = {}) => Played.open(browser as TestBrowser, path, look);

  it('goes to the violation, marks it, and says what the checker says', async () => {
    await using played = await open(STALE_READ);
    const { opened } = played;
    const { page } = opened;
    expect(await opened.text('#verdict')).to.equal('violation at 1.839 s');
    expect(await opened.text('#violation-text')).to.match(
      /^1\.839 s at b: b:1 answered .* after the primary of view 3/,
    );
    await page.click('#go-there');
    await opened.says('#now .bad', 'broken: an old primary answers');
    expect(await played.words).to.match(/^violated: an old primary answers no read after/);
    expect(await played.process('a')).to.match(/^primary \| view 3 · log \d+$/);
    expect(await played.process('b')).to.match(/^primary \| view 2 · log \d+$/);
    expect(await page.locator('#topology .link.cut').count()).to.equal(3);
    await opened.says('#detail-text', '"rules": "L1, L2, L3"');
    expect(await opened.text('#events [aria-current]')).to.match(/violated/);
    await opened.screenshot('replay-violation');
    expect(await opened.violations()).to.deep.equal([]);
    expect(opened.errors).to.deep.equal([]);
  });

  it('plays by itself, at its speed, and stops; messages fly', async () => {
    await using played = await open(lostPrimary);
    const { opened } = played;
    const { page } = opened;
    await page.selectOption('#speed', '0.1');
    await page.keyboard.press('Space');
    await page.locator('#topology .flight').first().waitFor();
    await played.until((at) => at > 50);
    await page.keyboard.press('Space');
    await opened.says('#play', 'Play');
    const at = await played.at();
    expect(at).to.be.within(50, 3_000);
    await page.selectOption('#speed', '100');
    await page.click('#play');
    await page.locator('#events .process').filter({ hasText: 'end, 0 violations' }).waitFor({ timeout: 20_000 });
    await page.locator('#play').filter({ hasText: 'Play' }).waitFor({ timeout: 20_000 });
    expect(await played.at()).to.be.above(6_000);
    expect(opened.errors).to.deep.equal([]);
  });

  it('steps and seeks by keys, buttons, list and slider, and shows the failover', async () => {
    await using played = await open(lostPrimary, { scheme: 'dark' });
    const { opened } = played;
    const { page } = opened;
    const views = readFileSync(lostPrimary, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"kind":"view"'));
    const lost = views.findIndex((line) => line.includes('primary-silent'));
    for (let view = 0; view <= lost; view++) await page.keyboard.press('ArrowDown');
    await played.isAt('silent for');
    expect(await played.words).to.match(/^view \d+: primary (\w):1, .* - primary \w:1 silent for \d+ ms/);
    const next = /primary (\w):1,/.exec(await played.words)?.[1] ?? '';
    await opened.screenshot('replay-failover-dark');
    await page.fill('#search', `${next} knows view primary`);
    await opened.says('#events-count', ' of ');
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
    await opened.drawn();
    expect(await played.words).not.to.equal(before);
    await page.keyboard.press('End');
    await played.isAt('end, 0 violations');
    const endAt = await played.at();
    await page.locator('#scrubber').fill('5000');
    await played.until((at) => Math.abs(at - endAt / 2) < 5);
    await page.keyboard.press('Home');
    await page.locator('#detail-title').click();
    await page.keyboard.press('Home');
    await played.isAt(/^seed \d+: 3 servers, 2 clients$/);
    expect(await opened.violations()).to.deep.equal([]);
    expect(opened.errors).to.deep.equal([]);
  });

  it('shows in the diagram what is clicked, and comes back to a moment by its link', async () => {
    await using played = await open(STALE_READ);
    const { opened } = played;
    const { page } = opened;
    await page.click('#go-there');
    const box = await page.locator('#space-time').boundingBox();
    const [left, width] = [box?.x ?? 0, box?.width ?? 0];
    await page.locator('#space-time').click({ position: { x: width / 2, y: 30 } });
    await played.until((at) => at < 1_838.8);
    const at = await played.at();
    await page.mouse.move(left + width / 2, (box?.y ?? 0) + 60);
    await page.mouse.down();
    await page.mouse.move(left + width / 2 + 200, (box?.y ?? 0) + 60, { steps: 4 });
    await page.mouse.up();
    expect(await played.at(), 'a drag moves the diagram, not the moment').to.equal(at);
    expect(await page.locator('#follow').isChecked()).to.equal(false);
    await page.reload();
    await page.locator('#replay').waitFor();
    await played.isAt(/./);
    expect(await played.at()).to.equal(at);
    expect(opened.errors).to.deep.equal([]);
  });

  it('follows fingers on a phone: two stretch the time between them, one moves it or scrolls, a tap picks', async () => {
    await using played = await open(lostPrimary, { width: 390, height: 844, hasTouch: true });
    const { opened } = played;
    const { page } = opened;
    await page.locator('#follow').uncheck();
    await page.locator('#space-time').scrollIntoViewIfNeeded();
    const box = await page.locator('#space-time').boundingBox();
    const point = (x: number, y: number) => ({ x: (box?.x ?? 0) + x, y: (box?.y ?? 0) + y });
    /** What is at so many pixels from the left, to the few that a tap is moved to what it meets. */
    const timeAt = async (x: number): Promise<number> => {
      const { x: left, y: top } = point(x, 12);
      await page.touchscreen.tap(left, top);
      await opened.drawn();
      return played.at();
    };
    const spanned = async (): Promise<number> => (await timeAt(300)) - (await timeAt(100));
    const [whole, middle] = [await spanned(), await timeAt(200)];
    await drag(page, [point(185, 60), point(215, 60)], [point(110, 60), point(290, 60)]);
    const [stretched, stayed] = [await spanned(), await timeAt(200)];
    expect(whole / stretched, 'six times as long').to.be.within(5, 7);
    // What a tap meets is up to six pixels away, which were more time before.
    expect(Math.abs(stayed - middle)).to.be.below((8 * whole) / 200);
    await drag(page, [point(120, 60), point(180, 60)], [point(220, 60), point(280, 60)]);
    expect(await spanned(), 'fingers that keep their distance').to.be.within(0.9 * stretched, 1.1 * stretched);
    // The browser keeps the first pixels of a drag to itself.
    const there = await timeAt(300);
    expect(there).to.be.within(stayed - 0.15 * stretched, stayed + 0.15 * stretched);
    await drag(page, [point(250, 60)], [point(150, 62)]);
    expect(await timeAt(200)).to.be.within(there - 0.15 * stretched, there + 0.15 * stretched);
    const scrolled = await page.evaluate<number>('scrollY');
    await drag(page, [point(200, 90)], [point(203, -110)]);
    await page.waitForFunction(`scrollY > ${scrolled + 50} || document.querySelector('.canvas').scrollTop > 50`);
    expect(opened.errors).to.deep.equal([]);
  });

  it('can be used on a phone, in the dark, and says what is missing', async () => {
    const cut = folder.file('cut.jsonl', readFileSync(STALE_READ, 'utf8').slice(0, 60_000));
    await using played = await open(cut, { scheme: 'dark', width: 390, height: 844 });
    const { opened } = played;
    const { page } = opened;
    expect(await opened.text('#missing')).to.match(/^The file breaks off in the middle of line \d+/);
    expect(await opened.text('#verdict')).to.equal('not to its end');
    await page.click('[aria-label="One view on"]');
    await played.isAt('view 1: primary');
    expect(await opened.width(), 'nothing sticks out').to.be.at.most(390);
    await opened.screenshot('replay-phone-dark');
    expect(await opened.violations()).to.deep.equal([]);
    expect(opened.errors).to.deep.equal([]);
  });
});

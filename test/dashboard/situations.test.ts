/** The page in every situation in which it is looked at: what it says, that it has no errors and no barriers; pictures of it are kept. */
import { expect } from 'chai';
import { TestBrowser } from './support/browser.ts';
import { FakeCluster } from './support/fake-cluster.ts';
import { SITUATIONS, type SituationName } from './support/situations.ts';

const VERDICTS: Readonly<Record<SituationName, string>> = {
  idle: 'All is well: 2 servers hold everything.',
  load: 'All is well: 2 servers hold everything.',
  failover: 'No backup: one more failure loses data.',
  monitorDead: 'All goes on, but no monitor answers.',
  twoBackups: 'All is well: 3 servers hold everything.',
  transfer: 'No backup: one more failure loses data.',
  empty: 'No servers yet.',
  full: 'Memory is full: writes that add data are refused.',
  alone: 'No backup: one more failure loses data.',
};

/** What the table of nodes says of the memory of each server. */
const MEMORY: Partial<Record<SituationName, RegExp>> = {
  idle: /1\.9 MiB of 1\.0 GiB/,
  full: /952 MiB of 1\.0 GiB, full/,
};

describe('the page', () => {
  let browser: TestBrowser;
  before(async function () {
    browser = await TestBrowser.start(this);
  });
  after(() => browser?.[Symbol.asyncDispose]());

  for (const [name, situation] of Object.entries(SITUATIONS) as [SituationName, (typeof SITUATIONS)[SituationName]][]) {
    it(`says how it stands: ${situation.words}`, async () => {
      await using cluster = await FakeCluster.play(situation);
      await using opened = await browser.open(cluster.url);
      for (const look of LOOKS) {
        await opened.look(look);
        await opened.says('#verdict-headline', VERDICTS[name]);
        await opened.says('#key-list .key, #no-keys', /user|No keys yet|no servers yet/);
        await opened.says('#nodes tbody', MEMORY[name] ?? /./);
        expect(await opened.violations()).to.deep.equal([]);
        expect(await opened.width(), 'nothing sticks out').to.be.at.most(look.width);
        await opened.screenshot(`${name}-${look.name}`);
      }
      expect(opened.errors).to.deep.equal([]);
    });
  }
});

/** High enough that everything is on it. */
const LOOKS = [
  { name: 'desktop', width: 1_440, height: 1_600, scheme: 'light' },
  { name: 'phone-dark', width: 360, height: 2_000, scheme: 'dark' },
] as const;

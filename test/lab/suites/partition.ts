/** TestPartition: the primary loses touch, another takes its place, and the old one must not answer. */
import { expect } from 'chai';
import type { Asked, Stage } from '../stage.ts';
import { check, crashPrimary, inSync, type Play, startServers } from './steps.ts';

/** The lab's client waits for an answer as long as the connection stands: for longer than the others need. */
const LONG_DEAD_TIMES = 12;
/** Where they need four dead times more, also on a machine that stands still meanwhile. */
const VERY_LONG_DEAD_TIMES = 40;

/** As in the edition of 2013: the primary reaches nobody, but a client reaches the primary. */
export async function partition(stage: Stage, play: Play): Promise<void> {
  await startServers(stage, play, 2 + play.backups);
  const kv = stage.client('ck');
  await kv.put('a', 'aa');
  await kv.put('b', 'bb');
  stage.isolate('s1');
  await stage.until(() => stage.view.primary !== 's1', 'another primary than s1');
  await inSync(stage, play.backups);
  await check(kv, 'a', 'aa');
  const put = stage.ask('other', 's1', 'kv.put', { key: 'a', value: 'bad' }, 4 * stage.deadMs);
  const get = stage.ask('other', 's1', 'kv.get', { key: 'a' }, 4 * stage.deadMs);
  expectRefused(await put, 'put to the old primary');
  expectRefused(await get, 'get from the old primary');
  await check(kv, 'a', 'aa');

  stage.heal();
  await stage.until(() => stage.status('s1').view.viewnum === stage.view.viewnum, 's1 to know the view');
  // Until s1, which has the refused put in its log, is primary again.
  while (stage.view.primary !== 's1') {
    await crashPrimary(stage);
    await check(kv, 'a', 'aa');
    await check(kv, 'b', 'bb');
    await stage.until(() => stage.inSync, 'an acknowledged view');
  }
}

/** As in all editions: the primary is cut off from the monitor; a get that reaches it late must not show the old value. */
export async function partition1(stage: Stage, play: Play): Promise<void> {
  await oldPrimaryIsLate(stage, play, () => stage.cutFromMonitor('s1'));
}

/** Not in the lab: cut off from the other servers too, the old primary hears from nobody that it is the old one. */
export async function partition1Isolated(stage: Stage, play: Play): Promise<void> {
  await oldPrimaryIsLate(stage, play, () => stage.isolate('s1'));
}

async function oldPrimaryIsLate(stage: Stage, play: Play, cut: () => void): Promise<void> {
  const { late, poll } = await cutOff(stage, play, cut);
  await stage.sleep(2 * stage.pingIntervalMs);
  const kv = stage.client('ck2');
  await kv.put('a', '111');
  const changedAtMs = stage.now;
  await check(kv, 'a', '111');
  const get = late();
  await stage.sleep(4 * stage.pingIntervalMs);
  expectNothingStale(await poll(), changedAtMs);
  expect(await get, 'late get').to.equal('111');
  await check(kv, 'a', '111');
}

/** As in all editions: and meanwhile there is a third server, and the second has died. */
export async function partition2(stage: Stage, play: Play): Promise<void> {
  const { late, poll } = await cutOff(stage, play, () => stage.cutFromMonitor('s1'), VERY_LONG_DEAD_TIMES);
  const primary = stage.view.primary;
  await stage.startServer('s9');
  await stage.until(() => stage.view.backups.includes('s9'), 's9 as backup');
  expect(stage.view.primary).to.equal(primary);
  await stage.sleep(4 * stage.deadMs);
  await inSync(stage, play.backups);
  const kv = stage.client('ck2');
  await kv.put('a', '2');
  const changedAtMs = stage.now;
  await check(kv, 'a', '2');
  await stage.crash(primary);
  expect(await late(), 'late get').to.equal('2');
  expectNothingStale(await poll(), changedAtMs);
  await check(kv, 'a', '2');
}

interface CutOff {
  /** Lets the get that was kept back reach the old primary; what its client gets. */
  readonly late: () => Promise<string | undefined>;
  /** Ends the asking of the old primary, over and over again; all that came of it. */
  readonly poll: () => Promise<readonly Polled[]>;
}

interface Polled {
  readonly beganMs: number;
  readonly asked: Asked;
}

interface Polling {
  /** Gets that have had their result. */
  readonly answered: number;
  readonly end: CutOff['poll'];
}

/** s1 is primary, holds a = 1, is cut off, and its backup takes over; a get to s1 is on its way all the while. */
async function cutOff(stage: Stage, play: Play, cut: () => void, deadTimes = LONG_DEAD_TIMES): Promise<CutOff> {
  await startServers(stage, play, 1 + play.backups);
  const longMs = deadTimes * stage.deadMs;
  const kv = stage.client('ck1', { tryTimeout: longMs });
  await kv.put('a', '1');
  await check(kv, 'a', '1');
  const poll = pollOldPrimary(stage);
  await stage.until(() => poll.answered > 0, 'an answer of s1 to the poller');
  // A machine that stood still may have cost a backup its seat meanwhile; from here on only s1 could take one away.
  await stage.until(() => stage.inSync && stage.view.backups.length === play.backups, 'a full view');
  cut();
  const hold = stage.hold('ck1', 's1');
  const get = kv.get('a');
  const raw = stage.ask('ck1', 's1', 'kv.get', { key: 'a' }, longMs);
  await stage.until(() => stage.view.primary !== 's1', 'another primary than s1');
  const late = async () => {
    expect(hold.held, 'gets on their way to s1').to.equal(2);
    hold.release();
    expectRefused(await raw, 'late get from the old primary');
    return get;
  };
  return { late, poll: poll.end };
}

/** Asks s1 for the value, every few milliseconds, until it is told to stop. */
function pollOldPrimary(stage: Stage): Polling {
  let isOver = false;
  let answered = 0;
  const polling = (async () => {
    const polled: Promise<Polled>[] = [];
    while (!isOver) {
      const beganMs = stage.now;
      const asking = stage.ask('poller', 's1', 'kv.get', { key: 'a' }, 2 * stage.deadMs);
      polled.push(
        asking.then((asked) => {
          if (asked.kind === 'result') answered += 1;
          return { beganMs, asked };
        }),
      );
      await stage.sleep(stage.pingIntervalMs / 20);
    }
    return Promise.all(polled);
  })();
  return {
    get answered() {
      return answered;
    },
    end: () => {
      isOver = true;
      return polling;
    },
  };
}

/** While its lease stood s1 may have answered; nothing that was asked after the value had changed may show the old one. */
function expectNothingStale(polled: readonly Polled[], changedAtMs: number): void {
  const values = polled.filter(({ asked }) => asked.kind === 'result');
  const last = values.reduce((latest, { beganMs }) => Math.max(latest, beganMs), 0);
  expect(last, 'begin of the last get that s1 answered').to.be.below(changedAtMs);
}

function expectRefused(asked: Asked, what: string): void {
  expect(asked.kind, `${what} (${JSON.stringify(asked)})`).to.equal('failure');
}

/** The dashboard for a long time in a browser, on a busy cluster: whether its frames come in time, and its memory stays what it is. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { Load } from './page/load.ts';
import { type Frames, type Held, LookedAt } from './page/looked-at.ts';
import { DirectCluster } from './support/direct-cluster.ts';
import { endOnSignals } from './support/interruption.ts';
import { machine, ms, printTable, writeJson } from './support/report.ts';
import { median, theilSenSlope } from './support/statistics.ts';

const HELP = `Usage: npm run bench:page -- [options]

  --minutes N    how long (30)
  --rate N       operations a second (20000)
  --quick        three minutes
  --json FILE    write the figures to a file
  --help         print this

Monitor and three servers are processes of their own, in memory; so is the client, which begins puts and gets in turn at an even pace. Chromium (/usr/bin/chromium, or
where CHROMIUM says), without a screen and without a graphics processor, has the page open, and beside it an empty page: what its frames are late by is the machine's doing.
Each minute: times between animation frames, the share of those over 20 ms (60 a second are 16.7 ms each), the share of its time that the page's thread is busy, the JavaScript heap after a
collection of garbage, and nodes of the document. Exits 1 when more than 1 % of all frames are late and more than twice as many as those of the empty page; when the heap grows, by
the Theil-Sen line through what is left after the first quarter, by more than a tenth of its median; when there are more nodes than full lists have; or when anything goes wrong in the page.`;

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
const WARM_UP_MS = 5_000;
const LATE_BOUND = 0.01;
const OF_EMPTY = 2;
const GROWTH_BOUND = 0.1;
/** With all lists full: 150 events, 60 views, 50 keys. */
const ELEMENTS_BOUND = 5_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    rate: { type: 'string', default: '20000' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();

interface Minute extends Held {
  readonly minute: number;
  readonly frames: Frames;
  /** Of the page that has nothing to show. */
  readonly empty: Frames;
  /** Share of its time. */
  readonly busy: number;
  readonly operationsPerSecond: number;
}

async function main(): Promise<number> {
  endOnSignals();
  if (!existsSync(CHROMIUM)) throw new Error(`there is no chromium at ${CHROMIUM}`);
  await using cluster = await DirectCluster.start({ servers: 3 });
  await cluster.inSync(1);
  using load = new Load({ monitor: cluster.monitor, perSecond: Number(values.rate) });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...QUIET] });
  try {
    const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
    const empty = await LookedAt.open(context, 'about:blank');
    const page = await LookedAt.open(context, `http://${cluster.monitor}/`);
    await sleep(WARM_UP_MS);
    const minutes: Minute[] = [];
    await take(page, empty, load, 0);
    const count = Number(values.minutes ?? (values.quick ? 3 : 30));
    for (let minute = 1; minute <= count; minute += 1) {
      await sleep(60_000);
      minutes.push(await take(page, empty, load, minute));
      console.error(inWords(minutes.at(-1) as Minute));
    }
    return report(minutes, [...page.errors, ...load.errors]);
  } finally {
    await browser.close();
  }
}

async function take(page: LookedAt, empty: LookedAt, load: Load, minute: number): Promise<Minute> {
  const operationsPerSecond = load.takePerSecond();
  const busy = (await page.takeBusySeconds()) / 60;
  const [frames, ofEmpty] = [await page.takeFrames(), await empty.takeFrames()];
  const held = await page.held();
  await empty.takeFrames();
  await page.takeBusySeconds();
  return { minute, frames, empty: ofEmpty, busy, operationsPerSecond, ...held };
}

function inWords({ minute, frames, empty, busy, operationsPerSecond, heapBytes, elements, listeners }: Minute): string {
  const { count, p50Ms, p95Ms, p99Ms, longestMs, late } = frames;
  return [
    `minute ${minute}: ${operationsPerSecond} operations/s`,
    `${count} frames, p50 ${ms(p50Ms)}, p95 ${ms(p95Ms)}, p99 ${ms(p99Ms)}, longest ${ms(longestMs)}, late ${percent(late)} (empty page ${percent(empty.late)}, p99 ${ms(empty.p99Ms)})`,
    `thread ${percent(busy)} busy, heap ${mebibytes(heapBytes)}, ${elements} nodes, ${listeners} listeners`,
  ].join('; ');
}

function report(minutes: readonly Minute[], errors: readonly string[]): number {
  const shareLate = (of: (one: Minute) => Frames) =>
    minutes.reduce((sum, one) => sum + of(one).late * of(one).count, 0) /
    minutes.reduce((sum, one) => sum + of(one).count, 0);
  const middle = (of: (one: Minute) => number) => median(minutes.map(of));
  const frameRow = (name: string, of: (one: Minute) => Frames) => [
    name,
    ms(middle((one) => of(one).p50Ms)),
    ms(middle((one) => of(one).p95Ms)),
    ms(middle((one) => of(one).p99Ms)),
    ms(Math.max(...minutes.map((one) => of(one).longestMs))),
    percent(shareLate(of)),
  ];
  console.log(
    `${machine()}; ${minutes.length} minutes, ${middle((one) => one.operationsPerSecond)} operations a second, thread ${percent(middle(({ busy }) => busy))} busy\n`,
  );
  printTable([
    ['between frames', 'p50', 'p95', 'p99', 'longest', 'over 20 ms'],
    frameRow('the dashboard', ({ frames }) => frames),
    frameRow('an empty page', ({ empty }) => empty),
  ]);
  const [late, ofEmpty] = [shareLate(({ frames }) => frames), shareLate(({ empty }) => empty)];
  const elements = Math.max(...minutes.map((one) => one.elements));
  const verdicts = [
    {
      text: `late frames ${percent(late)}, of the empty page ${percent(ofEmpty)}, bound ${percent(LATE_BOUND)} or ${OF_EMPTY} x as many`,
      isKept: late <= Math.max(LATE_BOUND, OF_EMPTY * ofEmpty),
    },
    growth('heap', minutes, ({ heapBytes }) => heapBytes),
    { text: `at most ${elements} nodes of the document, bound ${ELEMENTS_BOUND}`, isKept: elements <= ELEMENTS_BOUND },
    { text: errors.length === 0 ? 'nothing went wrong' : errors.join('; '), isKept: errors.length === 0 },
  ];
  console.log('');
  for (const { text, isKept } of verdicts) console.log(`${text}: ${isKept ? 'kept' : 'BROKEN'}`);
  writeJson(values.json, { machine: machine(), minutes, verdicts });
  return verdicts.every(({ isKept }) => isKept) ? 0 : 1;
}

/** Of two points there is a line, of one there is none to judge. */
function growth(what: string, minutes: readonly Minute[], of: (one: Minute) => number) {
  const judged = minutes.filter(({ minute }) => minute > minutes.length / 4);
  const slope = judged.length < 2 ? 0 : theilSenSlope(judged.map((one) => [one.minute, of(one)]));
  const grown = slope * (judged.length - 1);
  const middle = median(judged.map(of));
  return {
    text: `${what} ${mebibytes(middle)}, grew by ${((100 * grown) / middle).toFixed(1)} %, bound ${percent(GROWTH_BOUND)}`,
    isKept: grown <= GROWTH_BOUND * middle,
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

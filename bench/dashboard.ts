/** What the dashboard costs: full load while nobody looks, beside clusters without the page, and with three who look at every node. */
import { parseArgs } from 'node:util';
import type { Received } from './dashboard/message.ts';
import { type Cost, Side } from './dashboard/side.ts';
import { Viewers } from './dashboard/viewers.ts';
import { endOnSignals } from './support/interruption.ts';
import { processorSecondsOf } from './support/processes.ts';
import { machine, ms, printTable, writeJson } from './support/report.ts';
import { median, medianInterval } from './support/statistics.ts';

const HELP = `Usage: npm run bench:dashboard -- [options]

  --in-flight N   puts in flight (256)
  --viewers N     who look, each at /events of every node (3)
  --clusters N    how often all clusters are started anew (4)
  --rounds N      rounds with the same clusters, each with every case in a turning order (15)
  --seconds N     how long each case takes (1)
  --quick         five rounds with two sets of clusters
  --json FILE     write the figures to a file
  --help          print this

Three clusters, each a monitor, a primary and a backup in memory: one with the page, two without (--no-dashboard). The load is puts of 100 bytes from this
process. Viewers are plain readers of the feeds in a process of their own, which is not counted, but runs on the same machine; "nobody" is the same cluster when they are not
there or gone again. "processor" is the processor's time of monitor and servers for one put. Ratios are those of a round; given are
their median and between which values it lies with a confidence of 95 %. Two processes of the same program are never equally fast (what the compiler makes of them, where their memory lies): how far two clusters without the page are
apart says what can be measured at all, and what the page costs while nobody looks is held against that. Exits 1 when, in the median of the rounds, viewers cost more than
3 % of either, or the page while nobody looks more of the processor's time than 1 % and than what the two clusters without it differ by in any set.`;

const VIEWERS_BOUND = 0.03;
const NOBODY_FLOOR = 0.01;
const WARM_UP_SECONDS = 3;

const { values } = parseArgs({
  options: {
    'in-flight': { type: 'string', default: '256' },
    viewers: { type: 'string', default: '3' },
    clusters: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();

type Case = 'without' | 'without again' | 'nobody' | 'viewers';

interface Round {
  /** Which set of clusters. */
  readonly set: number;
  readonly costs: Readonly<Record<Case, Cost>>;
  readonly looked: Looked;
}

/** What all viewers together got and took, a second. */
interface Looked extends Received {
  /** Share of one core. */
  readonly cores: number;
}

async function main(): Promise<number> {
  endOnSignals();
  const sets = Number(values.clusters ?? (values.quick ? 2 : 4));
  const rounds: Round[] = [];
  for (let set = 1; set <= sets; set += 1) await measureSet(set, rounds);
  return report(rounds);
}

async function measureSet(set: number, rounds: Round[]): Promise<void> {
  await using one = await Side.start({ hasPage: false });
  await using other = await Side.start({ hasPage: false });
  await using withPage = await Side.start({ hasPage: true });
  const inFlight = Number(values['in-flight']);
  for (const side of [one, other, withPage]) await side.put(inFlight, WARM_UP_SECONDS);
  const seconds = Number(values.seconds ?? 1);
  const count = Number(values.rounds ?? (values.quick ? 5 : 15));
  for (let round = 0; round < count; round += 1) {
    let looked: Looked | undefined;
    const cases: readonly (readonly [Case, () => Promise<Cost>])[] = [
      ['without', () => one.put(inFlight, seconds)],
      ['nobody', () => withPage.put(inFlight, seconds)],
      ['without again', () => other.put(inFlight, seconds)],
      [
        'viewers',
        async () => {
          const measured = await withViewers(withPage, () => withPage.put(inFlight, seconds));
          looked = measured.looked;
          return measured.cost;
        },
      ],
    ];
    const costs = new Map<Case, Cost>();
    // Each begins in its turn: whoever comes first has the same share of luck.
    for (let turn = 0; turn < cases.length; turn += 1) {
      const [name, measure] = cases[(round + turn) % cases.length] as (typeof cases)[number];
      costs.set(name, await measure());
    }
    if (looked === undefined) throw new Error('nobody looked');
    const done = { set, costs: Object.fromEntries(costs) as Record<Case, Cost>, looked };
    rounds.push(done);
    const figures = cases.map(([name]) => `${name} ${inWords(done.costs[name])}`);
    console.error(`clusters ${set}, round ${round + 1}: ${figures.join('; ')}`);
  }
}

async function withViewers(
  side: Side,
  measure: () => Promise<Cost>,
): Promise<{ readonly cost: Cost; readonly looked: Looked }> {
  await using viewers = await Viewers.look(Number(values.viewers), side.nodes);
  await viewers.received();
  const [beganMs, taken] = [performance.now(), processorSecondsOf(viewers.pid)];
  const cost = await measure();
  const seconds = (performance.now() - beganMs) / 1_000;
  const { bytes, samples } = await viewers.received();
  const cores = (processorSecondsOf(viewers.pid) - taken) / seconds;
  return { cost, looked: { bytes: bytes / seconds, samples: samples / seconds, cores } };
}

function inWords({ perSecond, microseconds }: Cost): string {
  return `${perSecond}/s, ${microseconds.toFixed(2)} us`;
}

function report(rounds: readonly Round[]): number {
  console.log(`${machine()}; ${values['in-flight']} puts in flight, ${rounds.length} rounds\n`);
  const cases: readonly Case[] = ['without', 'without again', 'nobody', 'viewers'];
  printTable([
    ['', 'puts/s', 'p99', 'processor, all', 'the primary'],
    ...cases.map((name) =>
      row(
        name,
        rounds.map(({ costs }) => costs[name]),
      ),
    ),
  ]);
  const viewers = comparison('viewers', 'nobody', rounds);
  const page = comparison('nobody', 'without', rounds);
  const same = comparison('without again', 'without', rounds);
  console.log('');
  printTable([
    ['ratio', 'processor', 'the primary', 'puts/s'],
    ...[viewers, page, same].map(({ title, processor, primary, puts }) => [
      title,
      ...[processor, primary, puts].map(withInterval),
    ]),
  ]);
  const ofLooked = (of: (looked: Looked) => number) => median(rounds.map(({ looked }) => of(looked)));
  const looked = {
    cores: ofLooked(({ cores }) => cores),
    bytes: ofLooked(({ bytes }) => bytes),
    samples: ofLooked(({ samples }) => samples),
  };
  console.log(
    `\nthe viewers themselves, together: ${(100 * looked.cores).toFixed(1)} % of a core for ${looked.samples.toFixed(0)} samples and ${(looked.bytes / 1_024).toFixed(0)} KiB a second`,
  );
  const verdicts = verdictsOn(viewers, page, apart(rounds));
  for (const { text, isKept } of verdicts) console.log(`${text}: ${isKept ? 'kept' : 'BROKEN'}`);
  writeJson(values.json, { machine: machine(), rounds, comparisons: [viewers, page, same], looked, verdicts });
  return verdicts.every(({ isKept }) => isKept) ? 0 : 1;
}

function row(name: string, costs: readonly Cost[]): readonly (string | number)[] {
  const middle = (of: (cost: Cost) => number) => median(costs.map(of));
  return [
    name,
    Math.round(middle(({ perSecond }) => perSecond)),
    ms(middle(({ p99Ms }) => p99Ms)),
    `${middle(({ microseconds }) => microseconds).toFixed(2)} us`,
    `${middle(({ primaryMicroseconds }) => primaryMicroseconds).toFixed(2)} us`,
  ];
}

function withInterval(ratios: readonly number[]): string {
  const [least, greatest] = medianInterval(ratios).map((it) => it.toFixed(3));
  return `${median(ratios).toFixed(3)} (${least} - ${greatest})`;
}

/** One over the other, round by round. */
interface Comparison {
  readonly title: string;
  readonly processor: readonly number[];
  readonly primary: readonly number[];
  readonly puts: readonly number[];
}

function comparison(one: Case, other: Case, rounds: readonly Round[]): Comparison {
  const ratios = (of: (cost: Cost) => number) => rounds.map(({ costs }) => of(costs[one]) / of(costs[other]));
  return {
    title: `${one} : ${other}`,
    processor: ratios(({ microseconds }) => microseconds),
    primary: ratios(({ primaryMicroseconds }) => primaryMicroseconds),
    puts: ratios(({ perSecond }) => perSecond),
  };
}

/** By how much the two clusters without the page differ most, of all sets. */
function apart(rounds: readonly Round[]): number {
  const sets = [...new Set(rounds.map(({ set }) => set))];
  return Math.max(
    ...sets.map((set) => {
      const same = comparison(
        'without again',
        'without',
        rounds.filter((round) => round.set === set),
      );
      return Math.abs(median(same.processor) - 1);
    }),
  );
}

function verdictsOn(
  viewers: Comparison,
  page: Comparison,
  apart: number,
): readonly { readonly text: string; readonly isKept: boolean }[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const [time, puts] = [median(viewers.processor) - 1, 1 - median(viewers.puts)];
  const [nobody, most] = [median(page.processor) - 1, Math.max(NOBODY_FLOOR, apart)];
  return [
    {
      text: `viewers cost ${percent(time)} of the processor's time, bound ${percent(VIEWERS_BOUND)}`,
      isKept: time <= VIEWERS_BOUND,
    },
    {
      text: `viewers cost ${percent(puts)} of the puts, bound ${percent(VIEWERS_BOUND)}`,
      isKept: puts <= VIEWERS_BOUND,
    },
    {
      text: `while nobody looks ${percent(nobody)} of the processor's time; clusters of the same are up to ${percent(apart)} apart`,
      isKept: nobody <= most,
    },
  ];
}

/** What the dashboard costs: full load while nobody looks, beside clusters without the page, and with three who look at every node. */
import { parseArgs } from 'node:util';
import { type Case, type Looked, type Round, report, type SetMeasured } from './dashboard/report.ts';
import { type Cost, Side } from './dashboard/side.ts';
import { Viewers } from './dashboard/viewers.ts';
import { endOnSignals } from './support/interruption.ts';
import { processorSecondsOf } from './support/processes.ts';

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
there or gone again. "processor" is the processor's time of monitor and servers for one put. Ratios are those of a round; given are their median and between which values it lies with a
confidence of 95 %. Then the same viewers while ten puts a second are all there is: what they take of a core then is what samples cost, and is held against what the servers take at full load;
an unsteady machine hides the ratios, but not that.
Two processes of the same program are never equally fast (what the compiler makes of them, where their memory lies): how far two clusters without the page are
apart says what can be measured at all, and what the page costs while nobody looks is held against that.
The bounds are 3 % for viewers and, while nobody looks, 1 % or what the two clusters without the page differ by in any set. A median beyond its bound is BROKEN when
all of its interval is, and otherwise not decided. Exits 1 when something is BROKEN.`;

const WARM_UP_SECONDS = 3;
const RESTING_PAIRS = 3;
const RESTING_SECONDS = 4;

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

async function main(): Promise<number> {
  endOnSignals();
  const sets = Number(values.clusters ?? (values.quick ? 2 : 4));
  const measured: SetMeasured[] = [];
  for (let set = 1; set <= sets; set += 1) measured.push(await measureSet(set));
  return report(measured, Number(values['in-flight']), values.json);
}

async function measureSet(set: number): Promise<SetMeasured> {
  const rounds: Round[] = [];
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
  return { rounds, resting: await rest(withPage) };
}

async function rest(side: Side): Promise<SetMeasured['resting']> {
  const resting = [];
  for (let pair = 0; pair < RESTING_PAIRS; pair += 1) {
    const nobodyFirst = pair % 2 === 0 ? await side.rest(RESTING_SECONDS) : undefined;
    const viewers = (await withViewers(side, () => side.rest(RESTING_SECONDS))).cost;
    resting.push({ nobody: nobodyFirst ?? (await side.rest(RESTING_SECONDS)), viewers });
  }
  return resting;
}

async function withViewers<T>(
  side: Side,
  measure: () => Promise<T>,
): Promise<{ readonly cost: T; readonly looked: Looked }> {
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

/** Full load for minutes: the memory of each process, drawn as a picture, and whether it stays what it is. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Load } from './soak/load.ts';
import { type Growth, growthOf, type ProcessSamples, Sampler } from './soak/samples.ts';
import { drawChart } from './support/chart.ts';
import { DirectCluster } from './support/direct-cluster.ts';
import { endOnSignals } from './support/interruption.ts';
import { REPORTING } from './support/memory.ts';
import { machine, ms, printTable, writeJson } from './support/report.ts';
import type { Point } from './support/statistics.ts';

const PICTURE = fileURLToPath(new URL('../docs/images/soak.svg', import.meta.url));

const HELP = `Usage: npm run bench:soak -- [options]

  --minutes N    how long (10)
  --quick        one minute
  --svg FILE     where to draw (docs/images/soak.svg)
  --json FILE    write the figures to a file
  --help         print this

Monitor, primary and backup are processes of their own, in memory; this one is the client. 16 clients with 16 operations in flight each: puts 35 %, gets 35 %,
appends 15 %, deletes 7 %, compare-and-sets 8 %, over 10,000 keys with values of about 100 bytes. A client lives 3 to 12 seconds, then another opens a session of its own;
servers forget one after 10 s (--session-ttl), so that sessions come and go.
Heap and resident memory of each process are sampled once a second, and its heap after a full collection of garbage every few seconds: that is what it really holds, and
what is judged. The first quarter is left to warm up. Growth is the slope of the Theil-Sen line through the rest, times its length; flat is at most a tenth
of the median. The heap of a server goes up and down between two cuts of its log. Exits 1 when one is not flat, or an operation fails.`;

const SESSION_TTL_MS = 10_000;
const WARM_UP = 1 / 4;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    quick: { type: 'boolean', default: false },
    svg: { type: 'string', default: PICTURE },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  endOnSignals();
  if (globalThis.gc === undefined) throw new Error('run by `npm run bench:soak`, which gives node --expose-gc');
  const seconds = 60 * Number(values.minutes ?? (values.quick ? 1 : 10));
  const serverArgs = ['--session-ttl', String(SESSION_TTL_MS)];
  await using cluster = await DirectCluster.start({ servers: 2, serverArgs, flags: REPORTING });
  const { primary, backups } = await cluster.inSync(1);
  await using load = new Load(cluster.monitor);
  const sampler = new Sampler(
    new Map([
      ['primary', cluster.serverAt(primary)],
      ['backup', cluster.serverAt(backups[0] ?? '')],
      ['monitor', cluster.monitorProcess],
      ['client', undefined],
    ]),
  );
  await Promise.race([sample(sampler, load, seconds), load.running]);
  const view = await cluster.inSync(1);
  if (view.primary !== primary) throw new Error('there was a failover: the processes are not what they were');
  return report(sampler.samples, load, seconds);
}

/** Once a second, and after a collection so often that a short run has points enough. */
async function sample(sampler: Sampler, load: Load, seconds: number): Promise<void> {
  const collectEvery = Math.max(2, Math.round(seconds / 120));
  const startMs = performance.now();
  for (let second = 1; second <= seconds; second += 1) {
    await sleep(Math.max(0, startMs + 1_000 * second - performance.now()));
    await sampler.take(second, false);
    if (second % collectEvery === 0) await sampler.take(second, true);
    if (second % 10 === 0) console.error(`${second} s of ${seconds}: ${load.operations} operations`);
  }
}

function report(samples: readonly ProcessSamples[], load: Load, seconds: number): number {
  const growths = samples.map((one) => growthOf(one, WARM_UP * seconds));
  const { operations, clients } = load;
  const rate = Math.round(operations / seconds);
  const figures = `${operations} operations (${rate}/s, ${load.inFlight} in flight, p99 ${ms(load.p99Ms)}), ${clients} sessions, in ${seconds} s`;
  const isFlat = growths.every((growth) => growth.isFlat);
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(values.svg, draw({ samples, growths, date, figures }));
  console.log(`${machine()}\n${figures}\n`);
  printTable([
    ['', 'heap', 'grew by', 'a minute', 'resident grew by', ''],
    ...growths.map((growth) => row(growth, (seconds / 60) * (1 - WARM_UP))),
  ]);
  console.log(`\ndrawn: ${values.svg}`);
  writeJson(values.json, {
    machine: machine(),
    date,
    seconds,
    operations,
    clients,
    p99Ms: load.p99Ms,
    growths,
    samples,
  });
  return isFlat ? 0 : 1;
}

function row({ name, medianBytes, grownBytes, rssGrownBytes, isFlat }: Growth, minutes: number) {
  return [
    name,
    mebibytes(medianBytes),
    mebibytes(grownBytes),
    mebibytes(grownBytes / minutes),
    mebibytes(rssGrownBytes),
    isFlat ? 'flat' : 'GROWS',
  ];
}

interface Drawn {
  readonly samples: readonly ProcessSamples[];
  readonly growths: readonly Growth[];
  readonly date: string;
  readonly figures: string;
}

function draw({ samples, growths, date, figures }: Drawn): string {
  const told = growths.map(({ name, grownBytes }) => `${name} ${grownBytes < 0 ? '' : '+'}${mebibytes(grownBytes)}`);
  return drawChart({
    title: `Memory under full load, ${date}`,
    subtitles: [
      figures,
      `${machine()}; dots: heap after a full collection of garbage`,
      `slope of the dots after the first quarter, over its length: ${told.join(', ')}`,
    ],
    xLabel: 'seconds',
    yUnit: 'MiB',
    panels: [
      {
        title: 'Heap',
        series: samples.map(({ name, heap, live }) => ({ name, points: scaled(heap), dots: scaled(live) })),
      },
      { title: 'Resident', series: samples.map(({ name, rss }) => ({ name, points: scaled(rss) })) },
    ],
  });
}

function scaled(points: readonly Point[]): readonly Point[] {
  return points.map(([second, bytes]) => [second, bytes / 2 ** 20]);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/**
 * How much faster than reality a simulation is: 60 virtual seconds of a cluster of 3 servers and 5 clients, all faults drawn from
 * the seed, every property checked after every event, on one core.
 */
import { parseArgs } from 'node:util';
import { simulate } from '@understudy/testkit';
import { profiled } from './support/profile.ts';
import { machine, ms, printTable, quantile, writeJson } from './support/report.ts';

const HELP = `Usage: npm run bench:simulation -- [options]

  --seeds N     seeds to measure (60)
  --from S      the first of them (1)
  --warm-up N   seeds before, in a row of their own (30)
  --json FILE   write the figures to a file
  --help        print this

"processor" is the time that this process had a core, "real" what a clock on the wall says: where they differ, the machine was busy with
other things. The factor is that of the processor's time. This process has a young generation of 64 MB, as those of \`understudy sim\` have. V8 compiles what it runs,
by what it has seen so far, and that takes the first twenty seeds or so: the bound is for the others, of which a batch consists. The shares come from a second run of some of the seeds, with V8's profiler. Exits 1 when the median seed takes more than 500 ms of it.`;

const SECONDS = 60;
const SHAPE = { servers: 3, clients: 5, seconds: SECONDS } as const;
const BOUND_MS = 500;
const WORST = 5;
/** Seeds between two lines on stderr that say how far it is. */
const TOLD_EVERY = 10;
/** Seeds that run once more under the profiler. */
const PROFILED = 10;

interface Measured {
  readonly seed: number;
  readonly realMs: number;
  readonly processorMs: number;
  readonly events: number;
  readonly operations: number;
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '60' },
    from: { type: 'string', default: '1' },
    'warm-up': { type: 'string', default: '30' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await measure(Number(values.seeds), Number(values.from), Number(values['warm-up']));

async function measure(seeds: number, from: number, warmUp: number): Promise<number> {
  // Of seeds of their own, so that none is measured that ran before.
  const before = await runAll(from + seeds, warmUp);
  const measured = await runAll(from, seeds);
  const isKept = quantile(processorMs(measured), 0.5) <= BOUND_MS;
  print(measured, before);
  await printShares(measured.slice(0, PROFILED));
  console.log(`\nbound for the median: ${BOUND_MS} ms of processor time, ${isKept ? 'kept' : 'BROKEN'}`);
  writeJson(values.json, { machine: machine(), ...SHAPE, seeds: measured });
  return isKept ? 0 : 1;
}

async function runAll(from: number, seeds: number): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (let seed = from; seed < from + seeds; seed++) {
    measured.push(await run(seed));
    if (measured.length % TOLD_EVERY === 0) console.error(`seed ${seed}: ${measured.length} of ${seeds}`);
  }
  return measured;
}

/** A seed that breaks a property ends early and would look fast. */
async function run(seed: number): Promise<Measured> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const { events, operations, violations } = await simulate({ seed, ...SHAPE });
  const { user, system } = process.cpuUsage(cpu);
  const realMs = performance.now() - began;
  if (violations.length > 0) throw new Error(`seed ${seed}: ${violations[0]?.property}: nothing to measure`);
  return { seed, realMs, processorMs: (user + system) / 1_000, events, operations };
}

function print(measured: readonly Measured[], before: readonly Measured[]): void {
  const factor = (took: number) => `${((1_000 * SECONDS) / took).toFixed(0)}x`;
  const row = (name: string, fraction: number, of = measured) => {
    const took = quantile(processorMs(of), fraction);
    const realMs = of.map((one) => one.realMs);
    return [name, ms(took), factor(took), ms(quantile(realMs, fraction))];
  };
  console.log(`${measured.length} seeds of ${SECONDS} s, ${SHAPE.servers} servers, ${SHAPE.clients} clients`);
  printTable([
    ['a seed', 'processor', 'factor', 'real'],
    row('fastest quarter', 0.25),
    row('median', 0.5),
    row('slowest quarter', 0.75),
    row('slowest', 1),
    ...(before.length === 0 ? [] : [row(`median of the ${before.length} before`, 0.5, before)]),
  ]);
  const sum = (of: (one: Measured) => number) => measured.reduce((total, one) => total + of(one), 0);
  const processorSeconds = sum((one) => one.processorMs) / 1_000;
  console.log(`${Math.round(sum(({ events }) => events) / processorSeconds)} events/s of processor time`);
  const worst = measured.toSorted((a, b) => b.processorMs - a.processorMs).slice(0, WORST);
  console.log('\nthe slowest:');
  printTable([
    ['seed', 'processor', 'events', 'operations'],
    ...worst.map((one) => [one.seed, ms(one.processorMs), one.events, one.operations]),
  ]);
}

async function printShares(measured: readonly Measured[]): Promise<void> {
  const samples = await profiled(async () => {
    for (const { seed } of measured) await run(seed);
  });
  const percent = (file: RegExp) => `${(100 * samples.share(file)).toFixed(1)} %`;
  console.log('\nof which');
  printTable([
    ['checking the invariants after every event', percent(/[/](?:invariants[/][\w-]+|simulation[/]judge)[.][jt]s$/)],
    ['judging the histories at the end', percent(/[/]checker[/][\w-]+[.][jt]s$/)],
  ]);
}

function processorMs(measured: readonly Measured[]): readonly number[] {
  return measured.map((one) => one.processorMs);
}

/** More than the service can do: what is refused, how long what is accepted takes, and that memory has a bound. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Generators } from './overload/generators.ts';
import type { Means, Outcome, Task } from './overload/message.ts';
import { DirectCluster } from './support/direct-cluster.ts';
import { endOnSignals } from './support/interruption.ts';
import { memoryOf, processorSecondsOf } from './support/processes.ts';
import { machine, megabytes, ms, printTable, quantile, spread, writeJson } from './support/report.ts';

const HELP = `Usage: npm run bench:overload -- [options]

  --factors LIST    load offered, over the capacity measured before (0.9,1.5,3)
  --seconds N       how long each is offered (5)
  --rounds N        rounds (3)
  --generators N    processes that offer load (2)
  --clients N       clients of each, with a connection each (4)
  --means NAME      client: KVClient, as programs use it; plain: JSON-RPC requests, one for each put, from somebody who has no idea how many are under way (client)
  --flags WORDS     flags of Node for the servers, separated by spaces
  --quick           one round
  --json FILE       write the figures to a file
  --help            print this

Monitor, primary and backup are processes of their own, in memory; so are those that offer load, on the same machine: "busy" says how many processors each kept busy. In each
round first the capacity: 1,024 puts of 100 bytes in flight, each followed by the next. Then an open loop: so many puts begun a second, evenly, whatever becomes of the former
ones. A put takes from the moment when it was due to its answer, so what the generator itself is late counts; "late" says how much that was (p99). What is due while a generator is
over 100 ms late is not offered. "refused" are those that failed with OVERLOADED, whoever said so.
Exits 1 when, in the median of the rounds, for a load above capacity p99 of what is accepted is over three times that of the lowest load and over 500 ms, less than 0.8 of the
capacity is accepted, anything fails otherwise, the primary's memory grows by more than 128 MB; or when the view changes. With --means plain p99 has no bound: where nobody counts
what is under way, it waits in the system's buffers.`;

const P99_BOUND = 3;
const P99_FLOOR_MS = 500;
const LEAST_ACCEPTED = 0.8;
const GROWTH_BOUND = 128e6;
const IN_FLIGHT_AT_CAPACITY = 1_024;
const REST_MS = 500;

const { values } = parseArgs({
  options: {
    factors: { type: 'string', default: '0.9,1.5,3' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string' },
    generators: { type: 'string', default: '2' },
    clients: { type: 'string', default: '4' },
    means: { type: 'string', default: 'client' },
    flags: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();

interface Measure {
  readonly round: number;
  /** Of the capacity of this round; 0: the capacity itself. */
  readonly factor: number;
  readonly offeredPerSecond: number;
  /** Due, but not offered: the generator was too late. */
  readonly skippedPerSecond: number;
  readonly acceptedPerSecond: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refusedP99Ms: number;
  readonly latenessP99Ms: number;
  readonly primaryPeakBytes: number;
  readonly backupPeakBytes: number;
  readonly generatorPeakBytes: number;
  /** Processors kept busy. */
  readonly primaryBusy: number;
  readonly backupBusy: number;
  readonly generatorsBusy: number;
}

interface Pids {
  readonly primary: number;
  readonly backup: number;
}

async function main(): Promise<number> {
  endOnSignals();
  const means: Means = values.means === 'plain' ? 'plain' : 'client';
  await using cluster = await DirectCluster.start({
    servers: 2,
    flags: values.flags === '' ? [] : values.flags.split(' '),
  });
  const before = await cluster.inSync(1);
  const { primary, backups } = before;
  const pids = { primary: cluster.serverAt(primary).pid, backup: cluster.serverAt(backups[0] ?? '').pid };
  const { monitor } = cluster;
  const orders = { monitor, primary, means, clients: Number(values.clients) };
  await using generators = new Generators(orders, Number(values.generators));
  await generators.run({ kind: 'closed', callers: IN_FLIGHT_AT_CAPACITY, seconds: 2 });
  const measures: Measure[] = [];
  const measure = async (round: number, factor: number, task: Task): Promise<Measure> => {
    const measured = { round, factor, ...(await offer(generators, task, pids)) };
    measures.push(measured);
    console.error(
      `round ${round}, ${factor === 0 ? 'capacity' : `${factor} x`}: ${measured.acceptedPerSecond}/s of ${measured.offeredPerSecond}/s, p99 ${ms(measured.p99Ms)}, ${JSON.stringify(measured.failed)}`,
    );
    await sleep(REST_MS);
    return measured;
  };
  const seconds = Number(values.seconds);
  for (let round = 1; round <= Number(values.rounds ?? (values.quick ? 1 : 3)); round += 1) {
    const capacity = await measure(round, 0, { kind: 'closed', callers: IN_FLIGHT_AT_CAPACITY, seconds });
    for (const factor of values.factors.split(',').map(Number))
      await measure(round, factor, { kind: 'open', perSecond: factor * capacity.acceptedPerSecond, seconds });
  }
  const { viewnum } = await cluster.inSync(1);
  return report(measures, means, viewnum - before.viewnum);
}

async function offer(generators: Generators, task: Task, pids: Pids): Promise<Omit<Measure, 'round' | 'factor'>> {
  const cpuBefore = { primary: processorSecondsOf(pids.primary), backup: processorSecondsOf(pids.backup) };
  const startMs = performance.now();
  const outcomes = await generators.run(task);
  const tookSeconds = (performance.now() - startMs) / 1_000;
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const all = (of: (outcome: Outcome) => readonly number[]) => outcomes.flatMap(of);
  const failed: Record<string, number> = {};
  for (const outcome of outcomes)
    for (const [name, count] of Object.entries(outcome.failed)) failed[name] = (failed[name] ?? 0) + count;
  const latencies = all(({ latenciesMs }) => latenciesMs);
  return {
    offeredPerSecond: Math.round(sum(({ offered }) => offered) / task.seconds),
    skippedPerSecond: Math.round(sum(({ skipped }) => skipped) / task.seconds),
    acceptedPerSecond: Math.round(sum(({ accepted }) => accepted) / task.seconds),
    failed,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    refusedP99Ms: quantile(
      all(({ refusalsMs }) => refusalsMs),
      0.99,
    ),
    latenessP99Ms: quantile(
      all(({ latenessesMs }) => latenessesMs),
      0.99,
    ),
    primaryPeakBytes: memoryOf(pids.primary).peak,
    backupPeakBytes: memoryOf(pids.backup).peak,
    generatorPeakBytes: Math.max(...outcomes.map(({ peakBytes }) => peakBytes)),
    primaryBusy: (processorSecondsOf(pids.primary) - cpuBefore.primary) / tookSeconds,
    backupBusy: (processorSecondsOf(pids.backup) - cpuBefore.backup) / tookSeconds,
    generatorsBusy: sum(({ cpuMs }) => cpuMs) / 1_000 / tookSeconds,
  };
}

function report(measures: readonly Measure[], means: Means, viewChanges: number): number {
  const factors = [...new Set(measures.map(({ factor }) => factor))];
  console.log(`${machine()}; ${measures.filter(({ factor }) => factor === 0).length} rounds, by ${means}\n`);
  printTable([
    [
      'load',
      'offered/s',
      'accepted/s',
      'refused',
      'else',
      'p50',
      'p99',
      'p99 of refusals',
      'late',
      'primary',
      'backup',
      'generator',
      'busy: primary',
      'backup',
      'generators',
    ],
    ...factors.map((factor) =>
      row(
        factor,
        measures.filter((one) => one.factor === factor),
      ),
    ),
  ]);
  const verdicts = [
    ...factors.filter((factor) => factor > 1).flatMap((factor) => verdictsOn(measures, means, factor)),
    { text: `${viewChanges} changes of the view`, isKept: viewChanges === 0 },
  ];
  console.log('');
  for (const { text, isKept } of verdicts) console.log(`${text}: ${isKept ? 'kept' : 'BROKEN'}`);
  writeJson(values.json, { machine: machine(), means, measures, verdicts });
  return verdicts.every(({ isKept }) => isKept) ? 0 : 1;
}

function row(factor: number, rounds: readonly Measure[]): readonly (string | number)[] {
  const median = (of: (one: Measure) => number) => quantile(rounds.map(of), 0.5);
  const time = (of: (one: Measure) => number) => (Number.isNaN(median(of)) ? '-' : ms(median(of)));
  const refused = ({ failed, offeredPerSecond }: Measure) =>
    (100 * (failed.OVERLOADED ?? 0)) / (offeredPerSecond * Number(values.seconds));
  return [
    factor === 0 ? 'capacity' : `${factor} x`,
    median(({ offeredPerSecond }) => offeredPerSecond),
    median(({ acceptedPerSecond }) => acceptedPerSecond),
    `${median(refused).toFixed(0)} %`,
    median(otherFailures),
    time(({ p50Ms }) => p50Ms),
    spread(
      rounds.map(({ p99Ms }) => p99Ms),
      ms,
    ),
    time(({ refusedP99Ms }) => refusedP99Ms),
    time(({ latenessP99Ms }) => latenessP99Ms),
    megabytes(median(({ primaryPeakBytes }) => primaryPeakBytes)),
    megabytes(median(({ backupPeakBytes }) => backupPeakBytes)),
    megabytes(median(({ generatorPeakBytes }) => generatorPeakBytes)),
    median(({ primaryBusy }) => primaryBusy).toFixed(2),
    median(({ backupBusy }) => backupBusy).toFixed(2),
    median(({ generatorsBusy }) => generatorsBusy).toFixed(2),
  ];
}

function otherFailures({ failed }: Measure): number {
  return Object.entries(failed)
    .filter(([name]) => name !== 'OVERLOADED')
    .reduce((total, [, count]) => total + count, 0);
}

interface Verdict {
  readonly text: string;
  readonly isKept: boolean;
}

/** Each round is held against its own capacity, and its own lowest load. */
function verdictsOn(measures: readonly Measure[], means: Means, factor: number): readonly Verdict[] {
  const lowest = Math.min(...measures.map((one) => one.factor).filter((other) => other > 0));
  const of = (round: number, factor: number) =>
    measures.find((one) => one.round === round && one.factor === factor) as Measure;
  const rounds = measures
    .filter((one) => one.factor === factor)
    .map((over) => ({ over, capacity: of(over.round, 0), low: of(over.round, lowest) }));
  const median = (of: (round: (typeof rounds)[number]) => number) => quantile(rounds.map(of), 0.5);
  const p99 = median(({ over, low }) => over.p99Ms / low.p99Ms);
  const p99Ms = median(({ over }) => over.p99Ms);
  const accepted = median(({ over, capacity }) => over.acceptedPerSecond / capacity.acceptedPerSecond);
  const grown = median(({ over, capacity }) => over.primaryPeakBytes - capacity.primaryPeakBytes);
  const others = median(({ over }) => otherFailures(over));
  return [
    {
      text: `${factor} x: p99 of what is accepted ${p99.toFixed(1)} x that at ${lowest} x, ${ms(p99Ms)}`,
      isKept: means === 'plain' || p99 <= P99_BOUND || p99Ms <= P99_FLOOR_MS,
    },
    { text: `${factor} x: accepted ${accepted.toFixed(2)} of the capacity`, isKept: accepted >= LEAST_ACCEPTED },
    { text: `${factor} x: ${others} failed otherwise`, isKept: others === 0 },
    { text: `${factor} x: the primary grew by ${megabytes(grown)}`, isKept: grown <= GROWTH_BOUND },
  ];
}

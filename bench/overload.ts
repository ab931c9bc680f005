/** More than the service can do: what is refused, how long what is accepted takes, and that memory has a bound. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Generators } from './overload/generators.ts';
import type { Outcome, Task } from './overload/message.ts';
import { DirectCluster } from './support/direct-cluster.ts';
import { endOnSignals } from './support/interruption.ts';
import { memoryOf } from './support/processes.ts';
import { machine, megabytes, ms, printTable, quantile, spread, writeJson } from './support/report.ts';

const HELP = `Usage: npm run bench:overload -- [options]

  --factors LIST    load offered, over the capacity measured before (1.5,3)
  --seconds N       how long each is offered (5)
  --rounds N        rounds (3)
  --generators N    processes that offer load (2)
  --connections N   connections of each (8)
  --flags WORDS     flags of Node for the servers, separated by spaces
  --quick           one round
  --json FILE       write the figures to a file
  --help            print this

Monitor, primary and backup are processes of their own, in memory; so are those that offer load. In each round first the capacity: 1,024 puts of 100 bytes in
flight, each followed by the next. Then an open loop: so many puts begun a second, evenly, whatever becomes of the former ones; each is tried once, and takes
from the moment when it was due to its answer. "refused" are those answered OVERLOADED by the primary, "not sent" those that the caller's own side refused because too many waited.
Exits 1 when, in the median of the rounds, p99 of what is accepted is over ten times p99 at capacity and over 250 ms, less is accepted than
half the capacity, anything fails otherwise, or the primary's memory grows by more than 512 MB.`;

const P99_BOUND = 10;
const P99_FLOOR_MS = 250;
const LEAST_ACCEPTED = 0.5;
const GROWTH_BOUND = 512e6;
const IN_FLIGHT_AT_CAPACITY = 1_024;
const REST_MS = 500;

const { values } = parseArgs({
  options: {
    factors: { type: 'string', default: '1.5,3' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string' },
    generators: { type: 'string', default: '2' },
    connections: { type: 'string', default: '8' },
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
  readonly acceptedPerSecond: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refusedP99Ms: number;
  readonly primaryPeakBytes: number;
  readonly backupPeakBytes: number;
  readonly generatorPeakBytes: number;
}

async function main(): Promise<number> {
  endOnSignals();
  await using cluster = await DirectCluster.start({
    servers: 2,
    flags: values.flags === '' ? [] : values.flags.split(' '),
  });
  const { primary, backups } = await cluster.inSync(1);
  const pids = { primary: cluster.serverAt(primary).pid, backup: cluster.serverAt(backups[0] ?? '').pid };
  await using generators = new Generators(primary, Number(values.generators), Number(values.connections));
  const seconds = Number(values.seconds);
  await generators.run({ kind: 'closed', callers: IN_FLIGHT_AT_CAPACITY, seconds: 2 });
  const measures: Measure[] = [];
  const measure = async (round: number, factor: number, task: Task): Promise<Measure> => {
    const measured = { round, factor, ...summary(await generators.run(task), seconds, pids) };
    measures.push(measured);
    console.error(
      `round ${round}, ${factor === 0 ? 'capacity' : `${factor} x`}: ${measured.acceptedPerSecond}/s of ${measured.offeredPerSecond}/s, p99 ${ms(measured.p99Ms)}, ${JSON.stringify(measured.failed)}`,
    );
    await sleep(REST_MS);
    return measured;
  };
  for (let round = 1; round <= Number(values.rounds ?? (values.quick ? 1 : 3)); round += 1) {
    const capacity = await measure(round, 0, { kind: 'closed', callers: IN_FLIGHT_AT_CAPACITY, seconds });
    for (const factor of values.factors.split(',').map(Number))
      await measure(round, factor, { kind: 'open', perSecond: factor * capacity.acceptedPerSecond, seconds });
  }
  const view = await cluster.inSync(1);
  return report(measures, view.primary === primary);
}

function summary(
  outcomes: readonly Outcome[],
  seconds: number,
  pids: { readonly primary: number; readonly backup: number },
): Omit<Measure, 'round' | 'factor'> {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const failed: Record<string, number> = {};
  for (const outcome of outcomes)
    for (const [name, count] of Object.entries(outcome.failed)) failed[name] = (failed[name] ?? 0) + count;
  const latencies = outcomes.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    offeredPerSecond: Math.round(sum(({ offered }) => offered) / seconds),
    acceptedPerSecond: Math.round(sum(({ accepted }) => accepted) / seconds),
    failed,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    refusedP99Ms: quantile(
      outcomes.flatMap(({ refusalsMs }) => refusalsMs),
      0.99,
    ),
    primaryPeakBytes: memoryOf(pids.primary).peak,
    backupPeakBytes: memoryOf(pids.backup).peak,
    generatorPeakBytes: Math.max(...outcomes.map(({ peakBytes }) => peakBytes)),
  };
}

function report(measures: readonly Measure[], isSamePrimary: boolean): number {
  const factors = [...new Set(measures.map(({ factor }) => factor))];
  console.log(`${machine()}; ${measures.filter(({ factor }) => factor === 0).length} rounds\n`);
  printTable([
    [
      'load',
      'offered/s',
      'accepted/s',
      'refused',
      'not sent',
      'else',
      'p50',
      'p99',
      'p99 of refusals',
      'primary',
      'backup',
      'generator',
    ],
    ...factors.map((factor) =>
      row(
        factor,
        measures.filter((one) => one.factor === factor),
      ),
    ),
  ]);
  const verdicts = [
    ...factors.filter((factor) => factor > 0).flatMap((factor) => verdictsOn(measures, factor)),
    { text: 'no failover', isKept: isSamePrimary },
  ];
  console.log('');
  for (const { text, isKept } of verdicts) console.log(`${text}: ${isKept ? 'kept' : 'BROKEN'}`);
  writeJson(values.json, { machine: machine(), measures, verdicts });
  return verdicts.every(({ isKept }) => isKept) ? 0 : 1;
}

function row(factor: number, rounds: readonly Measure[]): readonly (string | number)[] {
  const median = (of: (one: Measure) => number) => quantile(rounds.map(of), 0.5);
  const share = (of: (one: Measure) => number) =>
    `${median((one) => (100 * of(one)) / (of(one) + one.acceptedPerSecond * Number(values.seconds))).toFixed(0)} %`;
  return [
    factor === 0 ? 'capacity' : `${factor} x`,
    median(({ offeredPerSecond }) => offeredPerSecond),
    median(({ acceptedPerSecond }) => acceptedPerSecond),
    share(({ failed }) => failed.OVERLOADED ?? 0),
    share(({ failed }) => failed['not sent'] ?? 0),
    median(otherFailures),
    ms(median(({ p50Ms }) => p50Ms)),
    spread(
      rounds.map(({ p99Ms }) => p99Ms),
      ms,
    ),
    Number.isNaN(median(({ refusedP99Ms }) => refusedP99Ms)) ? '-' : ms(median(({ refusedP99Ms }) => refusedP99Ms)),
    megabytes(median(({ primaryPeakBytes }) => primaryPeakBytes)),
    megabytes(median(({ backupPeakBytes }) => backupPeakBytes)),
    megabytes(median(({ generatorPeakBytes }) => generatorPeakBytes)),
  ];
}

function otherFailures({ failed }: Measure): number {
  return Object.entries(failed)
    .filter(([name]) => name !== 'OVERLOADED' && name !== 'not sent')
    .reduce((total, [, count]) => total + count, 0);
}

interface Verdict {
  readonly text: string;
  readonly isKept: boolean;
}

function verdictsOn(measures: readonly Measure[], factor: number): readonly Verdict[] {
  const pairs = measures
    .filter((one) => one.factor === factor)
    .flatMap((over) => {
      const at = measures.find((one) => one.factor === 0 && one.round === over.round);
      return at === undefined ? [] : [{ over, at }];
    });
  const median = (of: (pair: (typeof pairs)[number]) => number) => quantile(pairs.map(of), 0.5);
  const p99 = median(({ over, at }) => over.p99Ms / at.p99Ms);
  const p99Ms = median(({ over }) => over.p99Ms);
  const accepted = median(({ over, at }) => over.acceptedPerSecond / at.acceptedPerSecond);
  const grown = median(({ over, at }) => over.primaryPeakBytes - at.primaryPeakBytes);
  const others = median(({ over }) => otherFailures(over));
  return [
    {
      text: `${factor} x: p99 of what is accepted ${p99.toFixed(1)} x that at capacity, ${ms(p99Ms)}`,
      isKept: p99 <= P99_BOUND || p99Ms <= P99_FLOOR_MS,
    },
    { text: `${factor} x: accepted ${accepted.toFixed(2)} of the capacity`, isKept: accepted >= LEAST_ACCEPTED },
    { text: `${factor} x: ${others} failed otherwise`, isKept: others === 0 },
    { text: `${factor} x: the primary grew by ${megabytes(grown)}`, isKept: grown <= GROWTH_BOUND },
  ];
}

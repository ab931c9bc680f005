/** What a new backup costs those who write meanwhile: this service with 100,000 and a million keys, and Redis' full resync beside it. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Missing } from './peers/peer.ts';
import { versionOf } from './peers/program.ts';
import { Callers, type Load, longestGaps, type Stretch } from './support/callers.ts';
import { endOnSignals } from './support/interruption.ts';
import { memoryOf } from './support/processes.ts';
import { machine, megabytes, ms, printTable, quantile, spread, writeJson } from './support/report.ts';
import { startRedis } from './sync/redis.ts';
import type { Side } from './sync/side.ts';
import { startUnderstudy } from './sync/understudy.ts';

const HELP = `Usage: npm run bench:sync -- [options]

  --keys LIST       keys that are there, each size measured in each round (100000,1000000)
  --value-bytes N   size of one value (100)
  --callers N       callers that put meanwhile, one put at a time each (16)
  --rate N          instead of callers: so many puts a second, begun when they are due, whatever became of the former ones
  --rounds N        rounds (3)
  --quick           one round
  --only WORDS      redis, understudy
  --flags WORDS     flags of Node for the servers of this service, separated by spaces
  --json FILE       write the figures to a file
  --help            print this

One primary has all the keys, alone; callers put to 10,000 other keys, acknowledged by the primary. An empty backup joins, and gets everything; it
leaves again, and so on. Redis: SET, no WAIT, a replica attaches (repl-diskless-sync-delay 0, so that it does not wait five seconds for more of them).
"undisturbed" is the same load before, for three seconds; "after" with the backup in sync. "gap": the longest time in which no put was acknowledged;
"machine": the longest time that a thread with nothing to do stood still meanwhile: where it comes near the gap, the machine was too busy with other
things. A million keys take longer than 100,000, and whoever looks longer finds longer gaps: they are compared by the gaps in windows of equal length.
Exits 1 when, in the median of the rounds, the longest gap is over 40 ms, p99 over three times the undisturbed one, or the last size worse in either
than the first by more than half.`;

const GAP_BOUND_MS = 40;
const P99_BOUND = 3;
const SIZE_BOUND = 1.5;
const LOOK_MS = 3_000;

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '100000,1000000' },
    'value-bytes': { type: 'string', default: '100' },
    callers: { type: 'string', default: '16' },
    rate: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    flags: { type: 'string', default: '' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();

interface Join {
  readonly name: string;
  readonly keys: number;
  readonly round: number;
  readonly undisturbed: Stretch;
  readonly syncing: Stretch;
  readonly after: Stretch;
  /** Resident bytes of the primary, before and at most; what a forked process did not share is counted. */
  readonly primaryBytes: number;
  readonly primaryPeakBytes: number;
  readonly backupPeakBytes: number;
}

interface Sized {
  readonly side: Side;
  readonly keys: number;
}

async function main(): Promise<number> {
  endOnSignals();
  const started: AsyncDisposable[] = [];
  try {
    const sides = await startAll(started);
    const joins: Join[] = [];
    for (let round = 1; round <= Number(values.rounds ?? (values.quick ? 1 : 3)); round += 1)
      for (const sized of sides) joins.push(await join(sized, round));
    return report(joins);
  } finally {
    for (const one of started.toReversed()) await one[Symbol.asyncDispose]();
  }
}

async function startAll(started: AsyncDisposable[]): Promise<readonly Sized[]> {
  const value = '.'.repeat(Number(values['value-bytes']));
  const flags = values.flags === '' ? [] : values.flags.split(' ');
  const words = values.only.toLowerCase().split(',');
  const starters = [
    { name: 'understudy', start: (keys: number) => startUnderstudy(keys, value, flags) },
    { name: 'redis', start: (keys: number) => startRedis(keys, value) },
  ].filter(({ name }) => words.some((word) => name.includes(word)) && isThere(name));
  const sides: Sized[] = [];
  for (const keys of values.keys.split(',').map(Number)) {
    for (const { name, start } of starters) {
      console.error(`${name}: filling ${keys} keys`);
      const side = await start(keys);
      started.push(side);
      sides.push({ side, keys });
    }
  }
  return sides;
}

function isThere(name: string): boolean {
  if (name !== 'redis') return true;
  try {
    console.error(versionOf('redis-server', 'redis-server'));
    return true;
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(`left out: ${error.message}`);
    return false;
  }
}

async function join({ side, keys }: Sized, round: number): Promise<Join> {
  const { name, primaryPid } = side;
  const load: Load =
    values.rate === undefined ? { callers: Number(values.callers) } : { perSecond: Number(values.rate) };
  await using callers = new Callers(side.put, load);
  await callers.stretch(sleep(1_000));
  const undisturbed = await callers.stretch(sleep(LOOK_MS));
  forgetPeak(primaryPid);
  const primaryBytes = memoryOf(primaryPid).present;
  const joined = await side.join();
  const syncing = await callers.stretch(joined.inSync());
  const after = await callers.stretch(sleep(LOOK_MS));
  const primaryPeakBytes = memoryOf(primaryPid).peak + (await joined.forkedBytes());
  const backupPeakBytes = memoryOf(joined.pid).peak;
  await joined.leave();
  console.error(
    `round ${round}, ${name}, ${keys} keys: ${ms(syncing.lastedMs)}, gap ${ms(syncing.longestGapMs)}, p99 ${ms(syncing.p99Ms)}`,
  );
  return { name, keys, round, undisturbed, syncing, after, primaryBytes, primaryPeakBytes, backupPeakBytes };
}

/** The kernel's record of the most memory that this process had; where that cannot be, peaks are those since its birth. */
function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch (error) {
    console.error(`peaks are since birth: ${String(error)}`);
  }
}

function report(joins: readonly Join[]): number {
  const groups = [...grouped(joins)];
  console.log(
    `${machine()}; ${values.rate === undefined ? `${values.callers} callers` : `${values.rate} puts a second`}\n`,
  );
  printTable([
    [
      '',
      'took',
      'puts/s',
      'p99',
      'undisturbed',
      'after',
      'longest gap',
      'undisturbed',
      'machine',
      'primary',
      'peak',
      'backup',
    ],
    ...groups.map(([title, group]) => row(title, group)),
  ]);
  const verdicts = verdictsOn(joins.filter(({ name }) => name === 'understudy'));
  console.log('');
  for (const { text, isKept } of verdicts) console.log(`${text}: ${isKept ? 'kept' : 'BROKEN'}`);
  const isKept = verdicts.every((verdict) => verdict.isKept);
  writeJson(values.json, { machine: machine(), load: values.rate ?? values.callers, joins, verdicts });
  return isKept ? 0 : 1;
}

function grouped(joins: readonly Join[]): ReadonlyMap<string, readonly Join[]> {
  const groups = new Map<string, Join[]>();
  for (const one of joins) {
    const title = `${one.name}, ${one.keys} keys`;
    groups.set(title, [...(groups.get(title) ?? []), one]);
  }
  return groups;
}

function row(title: string, joins: readonly Join[]): readonly (string | number)[] {
  const median = (of: (one: Join) => number) => quantile(joins.map(of), 0.5);
  return [
    title,
    ms(median(({ syncing }) => syncing.lastedMs)),
    Math.round(median(({ syncing }) => (1_000 * syncing.puts) / syncing.lastedMs)),
    ms(median(({ syncing }) => syncing.p99Ms)),
    ms(median(({ undisturbed }) => undisturbed.p99Ms)),
    ms(median(({ after }) => after.p99Ms)),
    spread(
      joins.map(({ syncing }) => syncing.longestGapMs),
      ms,
    ),
    ms(median(({ undisturbed }) => undisturbed.longestGapMs)),
    ms(median(({ syncing }) => syncing.machineMs)),
    megabytes(median(({ primaryBytes }) => primaryBytes)),
    megabytes(median(({ primaryPeakBytes }) => primaryPeakBytes)),
    megabytes(median(({ backupPeakBytes }) => backupPeakBytes)),
  ];
}

interface Verdict {
  readonly text: string;
  readonly isKept: boolean;
}

function verdictsOn(joins: readonly Join[]): readonly Verdict[] {
  const sizes = [...new Set(joins.map(({ keys }) => keys))].toSorted((a, b) => a - b);
  const of = (keys: number | undefined) => joins.filter((one) => one.keys === keys);
  const median = (keys: number | undefined, figure: (one: Join) => number) => quantile(of(keys).map(figure), 0.5);
  const verdicts = sizes.flatMap((keys) => {
    const gapMs = median(keys, ({ syncing }) => syncing.longestGapMs);
    const p99 = median(keys, ({ syncing, undisturbed }) => syncing.p99Ms / undisturbed.p99Ms);
    return [
      { text: `${keys} keys, longest gap ${ms(gapMs)}, bound ${ms(GAP_BOUND_MS)}`, isKept: gapMs <= GAP_BOUND_MS },
      { text: `${keys} keys, p99 ${p99.toFixed(2)} x the undisturbed, bound ${P99_BOUND}`, isKept: p99 <= P99_BOUND },
    ];
  });
  const [least, most] = [sizes.at(0), sizes.at(-1)];
  if (least === most) return verdicts;
  const windowMs = Math.min(...of(least).map(({ syncing }) => syncing.lastedMs));
  const gapOf = (keys: number | undefined) =>
    quantile(
      of(keys).flatMap(({ syncing }) => longestGaps(syncing, windowMs)),
      0.5,
    );
  const ratios = [
    ['p99', median(most, ({ syncing }) => syncing.p99Ms) / median(least, ({ syncing }) => syncing.p99Ms)],
    [`longest gap within ${ms(windowMs)}`, gapOf(most) / gapOf(least)],
  ] as const;
  const compared = ratios.map(([what, value]) => ({
    text: `${what} with ${most} keys ${value.toFixed(2)} x that with ${least}, bound ${SIZE_BOUND}`,
    isKept: value <= SIZE_BOUND,
  }));
  return [...verdicts, ...compared];
}

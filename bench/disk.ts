/** What a disk costs: puts a second with one, beside a cluster in memory; and how long everything takes to come back. */
import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KVClient } from '@understudy/kvservice';
import { type Driven, drive } from './support/drive.ts';
import { LocalCluster } from './support/local-cluster.ts';
import { memoryOf } from './support/processes.ts';
import { megabytes, ms, printTable, quantile } from './support/report.ts';

const HELP = `Usage: npm run bench:disk -- [options]

  --in-flight N      puts in flight (256)
  --rounds N         rounds, each with and without a disk, one after the other (7)
  --seconds N        how long each measure takes (3)
  --keys N           keys of 100 bytes that are there when everything is killed (1000000)
  --dir DIR          on the disk to measure (the system's place for temporary files)
  --json             print one JSON object
  --help             print this

Monitor, primary and backup are processes of their own on this machine, and share one disk. A put is acknowledged when both servers have
it in memory, or on disk. Then with --keys in the cluster with the disk, all its processes are killed at once, and started again two seconds
later; measured is the time from that start until a client has read a key. Exits 1 when puts with a disk are fewer than half of those without,
or the restart takes more than 10 s.`;

const WARM_UP_SECONDS = 1;
const PUT_KEYS = 10_000;
const VALUE = '.'.repeat(100);
const LOADING_IN_FLIGHT = 1_000;
/** Until `up` starts again what has died. */
const UP_WAITS_MS = 2_000;
const LEAST_RATIO = 0.5;
const LONGEST_RESTART_MS = 10_000;

const { values } = parseArgs({
  options: {
    'in-flight': { type: 'string', default: '256' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
    keys: { type: 'string', default: '1000000' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const directory = await mkdtemp(join(values.dir, 'understudy-bench-'));
  try {
    const rounds = await compare(directory);
    const restart = await restartWith(Number(values.keys), directory);
    const ratio = quantile(
      rounds.map(({ disk, memory }) => disk.perSecond / memory.perSecond),
      0.5,
    );
    if (values.json) console.log(JSON.stringify({ rounds, ratio, restart }));
    else print(rounds, ratio, restart);
    return ratio >= LEAST_RATIO && restart.ms <= LONGEST_RESTART_MS ? 0 : 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Round {
  readonly disk: Driven;
  readonly memory: Driven;
}

async function compare(directory: string): Promise<readonly Round[]> {
  await using onDisk = await LocalCluster.start({ servers: 2, data: join(directory, 'puts') });
  await using inMemory = await LocalCluster.start({ servers: 2 });
  await Promise.all([onDisk.inSync(), inMemory.inSync()]);
  await using diskClient = new KVClient({ monitors: onDisk.monitor });
  await using memoryClient = new KVClient({ monitors: inMemory.monitor });
  const disk = await puttingWith(diskClient);
  const memory = await puttingWith(memoryClient);
  const rounds: Round[] = [];
  while (rounds.length < Number(values.rounds)) {
    // In turn first and second: whatever the machine does besides hits both.
    const order = rounds.length % 2 === 0 ? [disk, memory] : [memory, disk];
    const measured = new Map<typeof disk, Driven>();
    for (const put of order) measured.set(put, await put(Number(values.seconds)));
    const round = { disk: measured.get(disk) as Driven, memory: measured.get(memory) as Driven };
    rounds.push(round);
    console.error(`round ${rounds.length}: ${round.disk.perSecond} with a disk, ${round.memory.perSecond} without`);
  }
  return rounds;
}

/** After a warm-up. */
async function puttingWith(kv: KVClient): Promise<(seconds: number) => Promise<Driven>> {
  const keys = keysUpTo(PUT_KEYS);
  const put = (seconds: number) => drive((key) => kv.put(key, VALUE), keys, Number(values['in-flight']), seconds);
  await put(WARM_UP_SECONDS);
  return put;
}

interface Restart {
  readonly keys: number;
  readonly ms: number;
  readonly diskBytes: number;
  readonly primaryBytes: number;
}

async function restartWith(count: number, directory: string): Promise<Restart> {
  const data = join(directory, 'restart');
  await using cluster = await LocalCluster.start({ servers: 2, data });
  await using kv = new KVClient({ monitors: cluster.monitor });
  await cluster.inSync();
  console.error(`loading ${count} keys`);
  await load(kv, keysUpTo(count));
  const { primary } = await cluster.inSync();
  const primaryBytes = memoryOf(cluster.pidOf(primary)).present;
  const diskBytes = sizeOf(data);
  const killedAtMs = performance.now();
  cluster.killAll();
  await using other = new KVClient({ monitors: cluster.monitor });
  const last = keysUpTo(count).at(-1) ?? '';
  if ((await other.get(last)) !== VALUE) throw new Error(`${last} is lost`);
  return { keys: count, ms: performance.now() - killedAtMs - UP_WAITS_MS, diskBytes, primaryBytes };
}

async function load(kv: KVClient, keys: readonly string[]): Promise<void> {
  const left = keys.values();
  const put = async () => {
    for (const key of left) await kv.put(key, VALUE);
  };
  await Promise.all(Array.from({ length: LOADING_IN_FLIGHT }, put));
}

function keysUpTo(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `key/${number}`);
}

function sizeOf(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

function print(rounds: readonly Round[], ratio: number, { keys, ms: tookMs, diskBytes, primaryBytes }: Restart): void {
  const median = (of: (round: Round) => number) => quantile(rounds.map(of), 0.5);
  const row = (name: string, of: (round: Round) => Driven) => [
    name,
    median((round) => of(round).perSecond),
    ms(median((round) => of(round).p50Ms)),
    ms(median((round) => of(round).p99Ms)),
  ];
  printTable([
    [`${values['in-flight']} puts in flight`, 'a second', 'p50', 'p99'],
    row('with a disk', ({ disk }) => disk),
    row('in memory', ({ memory }) => memory),
  ]);
  console.log(
    `with a disk ${ratio.toFixed(2)} of those in memory (median of ${rounds.length} rounds; bound ${LEAST_RATIO})`,
  );
  console.log(
    `\n${keys} keys: ${ms(tookMs)} from the start of all processes to the first answer (bound ${ms(LONGEST_RESTART_MS)})`,
  );
  console.log(
    `${megabytes(diskBytes)} on disk for two servers and the monitor, ${megabytes(primaryBytes)} of memory at the primary`,
  );
}

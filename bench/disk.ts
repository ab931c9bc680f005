/** What a disk costs: puts a second with one, beside a cluster in memory and beside etcd; and how long everything takes to come back. */
import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KVClient } from '@understudy/kvservice';
import { startEtcd } from './peers/etcd.ts';
import { Missing, type Peer } from './peers/peer.ts';
import { versionOf } from './peers/program.ts';
import { startUnderstudy } from './peers/understudy.ts';
import { type Driven, drive } from './support/drive.ts';
import { LocalCluster } from './support/local-cluster.ts';
import { memoryOf } from './support/processes.ts';
import { machine, megabytes, ms, printTable, quantile, writeJson } from './support/report.ts';

const HELP = `Usage: npm run bench:disk -- [options]

  --in-flight N      puts in flight (256)
  --rounds N         rounds, each with a disk, without, and with etcd, one after the other (7)
  --seconds N        how long each measure takes (3)
  --keys N           keys of 100 bytes that are there when everything is killed (1000000)
  --dir DIR          on the disk to measure (the system's place for temporary files)
  --json FILE        write the figures to a file
  --help             print this

Monitor, primary and backup are processes of their own on this machine, and share one disk. A put is acknowledged when both servers have
it in memory, or on disk. etcd, where it is on the PATH, has three nodes on the same disk, and acknowledges when two have it there. Before the
rounds each has puts for 10 s: until then new processes are slower. Then with --keys in the cluster with the disk, all its processes are killed at
once, and started again two seconds later; measured is the time from that start until a client has read a key. Exits 1 when puts with a disk
are fewer than half of those without, or than three times etcd's, or the restart takes more than 10 s.`;

/** New servers and a new client take 4 to 8 s of this load to come up to their speed; there is one client for all. */
const WARM_UP_SECONDS = 10;
const PUT_KEYS = keysUpTo(10_000);
const VALUE = '.'.repeat(100);
const LOADING_IN_FLIGHT = 1_000;
/** Until `up` starts again what has died. */
const UP_WAITS_MS = 2_000;
const LEAST_OF_MEMORY = 0.5;
const LEAST_OF_ETCD = 3;
const LONGEST_RESTART_MS = 10_000;

const { values } = parseArgs({
  options: {
    'in-flight': { type: 'string', default: '256' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
    keys: { type: 'string', default: '1000000' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
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
    const ofMemory = ratioTo('memory', rounds);
    const ofEtcd = ratioTo('etcd', rounds);
    print(rounds, { ofMemory, ofEtcd }, restart);
    writeJson(values.json, { machine: machine(), rounds, ofMemory, ofEtcd, restart });
    const isSlow = ofMemory < LEAST_OF_MEMORY || ofEtcd < LEAST_OF_ETCD || restart.ms > LONGEST_RESTART_MS;
    return isSlow ? 1 : 0;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

type Name = 'disk' | 'memory' | 'etcd';
type Named = readonly [Name, Peer];
/** Without etcd where that is not installed. */
type Round = Readonly<Record<'disk' | 'memory', Driven>> & { readonly etcd?: Driven };

async function compare(directory: string): Promise<readonly Round[]> {
  await using onDisk = await startUnderstudy(join(directory, 'puts'));
  await using inMemory = await startUnderstudy();
  const etcd = await startEtcdIn(directory);
  try {
    const peers: readonly Named[] = [
      ['disk', onDisk],
      ['memory', inMemory],
      ...(etcd === undefined ? [] : [['etcd', etcd] as const]),
    ];
    await takeRound('warm-up', peers, 0, WARM_UP_SECONDS);
    const rounds: Round[] = [];
    while (rounds.length < Number(values.rounds)) {
      const name = `round ${rounds.length + 1}`;
      rounds.push(await takeRound(name, peers, rounds.length, Number(values.seconds)));
    }
    return rounds;
  } finally {
    await etcd?.[Symbol.asyncDispose]();
  }
}

/** Begins with another one each time: whatever the machine does besides hits all. */
async function takeRound(title: string, peers: readonly Named[], shift: number, seconds: number): Promise<Round> {
  const measured = new Map<Name, Driven>();
  for (let turn = 0; turn < peers.length; turn++) {
    const [name, peer] = peers[(shift + turn) % peers.length] as Named;
    measured.set(name, await putting(peer, seconds));
  }
  const figures = peers.map(([name]) => `${name} ${measured.get(name)?.perSecond}`);
  console.error(`${title}: ${figures.join(', ')}`);
  return Object.fromEntries(measured) as unknown as Round;
}

async function startEtcdIn(directory: string): Promise<Peer | undefined> {
  try {
    console.error(versionOf('etcd', 'etcd-server'));
    return await startEtcd(directory);
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(`left out: ${error.message}`);
    return undefined;
  }
}

function putting(peer: Peer, seconds: number): Promise<Driven> {
  return drive((key) => peer.put(key, VALUE), PUT_KEYS, Number(values['in-flight']), seconds);
}

/** With a disk, over those of the other: the median of the rounds; NaN where the other was left out. */
function ratioTo(other: 'memory' | 'etcd', rounds: readonly Round[]): number {
  const ratios = rounds.flatMap((round) => {
    const theirs = round[other];
    return theirs === undefined ? [] : [round.disk.perSecond / theirs.perSecond];
  });
  return quantile(ratios, 0.5);
}

interface Ratios {
  readonly ofMemory: number;
  readonly ofEtcd: number;
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

function print(rounds: readonly Round[], { ofMemory, ofEtcd }: Ratios, restart: Restart): void {
  printTable([
    [`${values['in-flight']} puts in flight`, 'a second', 'p50', 'p99'],
    ...rowsOf('with a disk', 'disk', rounds),
    ...rowsOf('in memory', 'memory', rounds),
    ...rowsOf('etcd, three nodes', 'etcd', rounds),
  ]);
  const of = `median of ${rounds.length} rounds`;
  console.log(`with a disk ${ofMemory.toFixed(2)} of those in memory (${of}; bound ${LEAST_OF_MEMORY})`);
  if (!Number.isNaN(ofEtcd))
    console.log(`and ${ofEtcd.toFixed(1)} times those of etcd (${of}; bound ${LEAST_OF_ETCD})`);
  const { keys, ms: tookMs, diskBytes, primaryBytes } = restart;
  console.log(
    `\n${keys} keys: ${ms(tookMs)} from the start of all processes to the first answer (bound ${ms(LONGEST_RESTART_MS)})`,
  );
  console.log(
    `${megabytes(diskBytes)} on disk for two servers and the monitor, ${megabytes(primaryBytes)} of memory at the primary`,
  );
}

/** None where it was left out. */
function rowsOf(title: string, name: Name, rounds: readonly Round[]): readonly (readonly (string | number)[])[] {
  const driven = rounds.flatMap((round) => round[name] ?? []);
  const median = (of: (one: Driven) => number) => quantile(driven.map(of), 0.5);
  if (driven.length === 0) return [];
  return [[title, median((one) => one.perSecond), ms(median((one) => one.p50Ms)), ms(median((one) => one.p99Ms))]];
}

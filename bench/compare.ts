/** The same job, side by side: this service, Redis with WAIT and etcd, round by round in one run, so that the machine's drift hits all alike. */
import { parseArgs } from 'node:util';
import { startBareSockets } from './peers/bare-sockets.ts';
import { startEtcd } from './peers/etcd.ts';
import { Missing, type Peer } from './peers/peer.ts';
import { versionOf } from './peers/program.ts';
import { RedisPair } from './peers/redis.ts';
import { startUnderstudy } from './peers/understudy.ts';
import { type Driven, drive } from './support/drive.ts';
import { endOnSignals } from './support/interruption.ts';
import { type PerKey, redisPerKey, understudyPerKey } from './support/memory-per-key.ts';
import { processorSecondsOf } from './support/processes.ts';
import { machine, ms, printTable, quantile, writeJson } from './support/report.ts';

const HELP = `Usage: npm run bench -- [options]

  --quick            two minutes: 64 and 256 in flight, three short rounds
  --in-flight LIST   operations in flight (1,64,256,1024)
  --rounds N         rounds, each with every peer (7)
  --seconds N        how long each measure takes (2)
  --only WORDS       peers with one of these words, separated by commas, in their names; understudy is always there
  --memory-keys N    keys by which memory per key is measured (1000000; --quick: 200000; 0: not at all)
  --json FILE        write the figures to a file
  --help             print this

Everything runs on this machine, on loopback, each server as a process of its own; this process is the client, with one connection to each.
Values of 100 bytes, 10,000 keys. A put is acknowledged when a second server has it: understudy and Redis in memory, etcd on its disks.
"Bare sockets" is the floor for Node programs: the bytes of a request go through as many processes, and nothing is done with them.
redis-server and etcd are taken from the PATH; a peer that is not there is left out, and named. A ratio is that of one round, understudy's
operations a second over the peer's, and for "p50 ratio" its median latency over the peer's; given are the median of the rounds and, behind it,
the least and the greatest.
Memory per key: new clusters, before and after so many keys of 100 bytes; "used" is the primary's heap after a collection of garbage, and Redis'
used_memory; "resident" is what the system has given. etcd keeps its keys in a file that is mapped: it is left out.`;

const KEYS = Array.from({ length: 10_000 }, (_, number) => `key/${number}`);
const VALUE = '.'.repeat(100);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'in-flight': { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    'memory-keys': { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else await main();

type Operation = 'put' | 'get';

interface Measure extends Driven {
  readonly peer: string;
  readonly operation: Operation;
  readonly inFlight: number;
  readonly round: number;
  /** Share of one core that each process took; "client" is this one. */
  readonly cores: Readonly<Record<string, number>>;
}

async function main(): Promise<void> {
  endOnSignals();
  const started: AsyncDisposable[] = [];
  try {
    await compare(await startPeers(started));
  } finally {
    for (const one of started.toReversed()) await one[Symbol.asyncDispose]();
  }
}

async function compare(peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await fill(peer);
  const inFlights = (values['in-flight'] ?? (values.quick ? '64,256' : '1,64,256,1024')).split(',').map(Number);
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
  const seconds = Number(values.seconds ?? (values.quick ? 1 : 2));
  const measures: Measure[] = [];
  for (const inFlight of inFlights) {
    for (const operation of ['put', 'get'] as const) {
      const able = peers.filter((peer) => operation in peer);
      for (const peer of able) await measure(peer, operation, inFlight, 0, Math.min(1, seconds));
      for (let round = 1; round <= rounds; round++) {
        // Each begins in its turn: whoever comes first has the same share of luck.
        for (let turn = 0; turn < able.length; turn++) {
          const peer = able[(round + turn) % able.length] as Peer;
          measures.push(await measure(peer, operation, inFlight, round, seconds));
        }
        const shown = measures.slice(-able.length).toSorted((one, other) => order(peers, one) - order(peers, other));
        const figures = shown.map(({ peer, perSecond }) => `${peer} ${perSecond}`).join('; ');
        console.error(`${operation} ${inFlight} in flight, round ${round}: ${figures}`);
      }
    }
  }
  const perKey = await memoryPerKey(peers);
  print(measures, peers);
  printPerKey(perKey);
  writeJson(values.json, { machine: machine(), measures, perKey });
}

async function memoryPerKey(peers: readonly Peer[]): Promise<readonly PerKey[]> {
  const keys = Number(values['memory-keys'] ?? (values.quick ? 200_000 : 1_000_000));
  if (keys === 0) return [];
  console.error(`memory of ${keys} keys`);
  const isRedisThere = peers.some(({ name }) => name.startsWith('Redis'));
  return [await understudyPerKey(keys, VALUE), ...(isRedisThere ? [await redisPerKey(keys, VALUE)] : [])];
}

function printPerKey(perKey: readonly PerKey[]): void {
  const [own] = perKey;
  if (own === undefined) return;
  console.log(`bytes for each of ${own.keys} keys with a value of ${VALUE.length} bytes`);
  printTable([
    ['', 'used', 'resident', 'ratio of resident'],
    ...perKey.map(({ name, usedBytes, residentBytes }) => [
      name,
      Math.round(usedBytes),
      Math.round(residentBytes),
      name === own.name ? '' : (own.residentBytes / residentBytes).toFixed(2),
    ]),
  ]);
}

/** All keys are there when they are read. */
async function fill(peer: Peer): Promise<void> {
  const left = KEYS.values();
  const put = async () => {
    for (const key of left) await peer.put(key, VALUE);
  };
  await Promise.all(Array.from({ length: 64 }, put));
}

function order(peers: readonly Peer[], { peer }: Measure): number {
  return peers.findIndex(({ name }) => name === peer);
}

async function startPeers(started: AsyncDisposable[]): Promise<readonly Peer[]> {
  const begun = <T extends AsyncDisposable>(one: T): T => {
    started.push(one);
    return one;
  };
  const peers = [begun(await startUnderstudy())];
  const optional: readonly (() => Promise<readonly Peer[]>)[] = [
    async () => [begun(await startBareSockets())],
    async () => {
      console.error(versionOf('redis-server', 'redis-server'));
      const redis = begun(await RedisPair.start());
      return [redis.waitingEach(false), redis.waitingEach(true), redis.handTuned()];
    },
    async () => {
      console.error(versionOf('etcd', 'etcd-server'));
      return [begun(await startEtcd())];
    },
  ];
  for (const start of optional) {
    try {
      peers.push(...(await start()));
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      console.error(`left out: ${error.message}`);
    }
  }
  const words = values.only.toLowerCase().split(',');
  return peers.filter(({ name }, at) => at === 0 || words.some((word) => name.toLowerCase().includes(word)));
}

async function measure(
  peer: Peer,
  operation: Operation,
  inFlight: number,
  round: number,
  seconds: number,
): Promise<Measure> {
  const operate = operation === 'put' ? (key: string) => peer.put(key, VALUE) : (key: string) => getOf(peer, key);
  const processes = new Map([['client', process.pid], ...peer.servers]);
  const before = new Map([...processes].map(([role, pid]) => [role, processorSecondsOf(pid)]));
  const beganMs = performance.now();
  const driven = await drive(operate, KEYS, inFlight, seconds);
  const tookSeconds = (performance.now() - beganMs) / 1_000;
  const cores = Object.fromEntries(
    [...processes].map(([role, pid]) => [role, (processorSecondsOf(pid) - (before.get(role) ?? 0)) / tookSeconds]),
  );
  return { peer: peer.name, operation, inFlight, round, cores, ...driven };
}

async function getOf(peer: Peer, key: string): Promise<void> {
  const value = await peer.get?.(key, VALUE);
  if (value !== VALUE) throw new Error(`${peer.name} gave ${String(value)} for ${key}`);
}

function print(measures: readonly Measure[], peers: readonly Peer[]): void {
  console.log(`${machine()}\n`);
  for (const [title, group] of grouped(measures)) {
    const names = peers.map(({ name }) => name).filter((name) => group.some(({ peer }) => peer === name));
    const own = group.filter(({ peer }) => peer === 'understudy');
    console.log(title);
    printTable([
      ['', 'a second', 'p50', 'p99', 'p99.9', 'cores', 'ratio', 'p50 ratio'],
      ...names.map((name) => row(name, group, own)),
    ]);
    console.log('');
  }
}

function grouped(measures: readonly Measure[]): ReadonlyMap<string, readonly Measure[]> {
  const groups = new Map<string, Measure[]>();
  for (const measured of measures) {
    const title = `${measured.operation}, ${measured.inFlight} in flight`;
    groups.set(title, [...(groups.get(title) ?? []), measured]);
  }
  return groups;
}

function row(name: string, group: readonly Measure[], own: readonly Measure[]): readonly (string | number)[] {
  const rounds = group.filter(({ peer }) => peer === name);
  const median = (of: (measured: Measure) => number) => quantile(rounds.map(of), 0.5);
  const roles = Object.keys(rounds[0]?.cores ?? {});
  const cores = roles.map((role) => `${role} ${median((it) => it.cores[role] ?? 0).toFixed(2)}`).join(', ');
  const ratio = (of: (measured: Measure) => number) => {
    const ratios = rounds.flatMap((theirs) => {
      const ours = own.find(({ round }) => round === theirs.round);
      return ours === undefined ? [] : [of(ours) / of(theirs)];
    });
    const [median, least, greatest] = [0.5, 0.01, 1].map((fraction) => quantile(ratios, fraction).toFixed(2));
    return name === 'understudy' ? '' : `${median} (${least} - ${greatest})`;
  };
  return [
    name,
    median((it) => it.perSecond),
    ms(median((it) => it.p50Ms)),
    ms(median((it) => it.p99Ms)),
    ms(median((it) => it.p999Ms)),
    cores,
    ratio((it) => it.perSecond),
    ratio((it) => it.p50Ms),
  ];
}

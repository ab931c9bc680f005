/** How long writes stand still when the primary dies, and whether anything acknowledged is lost: this service, Redis Sentinel and etcd, round by round. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DEAD_PINGS, PING_INTERVAL } from '@understudy/sysmonitor';
import type { Client, Contender, Stage } from './failover/contender.ts';
import { ETCD } from './failover/etcd.ts';
import { ROWS, SENTINEL } from './failover/sentinel.ts';
import { ONE_BACKUP, TWO_BACKUPS } from './failover/understudy.ts';
import { Missing } from './peers/peer.ts';
import { versionOf } from './peers/program.ts';
import { endOnSignals } from './support/interruption.ts';
import { type Acknowledgement, type Audit, Ledger } from './support/ledger.ts';
import { machine, ms, printTable, quantile, spread, writeJson } from './support/report.ts';

const HELP = `Usage: npm run bench:failover -- [options]

  --rounds N      rounds, each with every contender in a new cluster (10)
  --signal NAME   SIGKILL: the primary dies; SIGTERM: it leaves on purpose (SIGKILL)
  --writers N     writers of each client, one operation at a time each (4)
  --only WORDS    contenders with one of these words, separated by commas, in their names; understudy is always there
  --quick         three rounds
  --json FILE     write the figures to a file
  --help          print this

"resumed" is the time from the signal to the first acknowledgement of a write that was begun after it; "longest gap" the longest time
without any acknowledgement from the signal on, until the successor has given one. After each round every write that was acknowledged is read back.

understudy: three servers. As \`understudy up\` has them, one is the backup; after the failover the new primary acknowledges alone until the third
has the data. "held by two": two backups and --min-backups 1, so nothing is ever acknowledged that one server has alone.
Sentinel: a primary, two replicas, three Sentinels (quorum 2, down-after-milliseconds 500). SET+WAIT: acknowledged is what WAIT 1 confirmed, so after
the failover too a second server has it; with two replicas there still is one. SET alone: acknowledged when the new primary answers. ioredis with
its defaults, and tuned: back at the Sentinels after 20 ms, and told by them (failoverDetector). The three share a cluster.
etcd: three nodes, its defaults and etcd3's; the leader gets the signal. Tuned: a deadline of 500 ms for
each call, and no circuit breaker; the two share a cluster.
A client whose write fails tries again 10 ms later; understudy's tries by itself. Ratios are of like to like, in one round: held by two to the better of both
with SET+WAIT, the other to SET alone. Exits 1 when this service loses or doubles an acknowledged write, or breaks a bound: SIGKILL, each resumed
within ${DEAD_PINGS} x ${PING_INTERVAL} + 2 x ${PING_INTERVAL} ms, and ratios of 0.4 in the median; SIGTERM, longest gap under 50 ms in the median.`;

const RESUMED_BOUND_MS = (DEAD_PINGS + 2) * PING_INTERVAL;
const LEAVING_BOUND_MS = 50;
const RATIO_BOUND = 0.4;
const PATIENCE_MS = 60_000;
/** A signal takes a moment to arrive; what the primary acknowledges in it says nothing of its successor. */
const SETTLED_MS = 5;
/** Between two writes of a writer, so that clients leave the machine to those who elect. */
const PAUSE_MS = 1;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    signal: { type: 'string', default: 'SIGKILL' },
    writers: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();

interface Failover extends Omit<Audit, 'examples'> {
  readonly client: string;
  readonly round: number;
  readonly resumedMs: number;
  readonly longestGapMs: number;
  /** Writes that the client gave back as failed. */
  readonly failures: number;
}

async function main(): Promise<number> {
  endOnSignals();
  const signal = values.signal === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL';
  const contenders = present();
  const failovers: Failover[] = [];
  for (let round = 1; round <= Number(values.rounds ?? (values.quick ? 3 : 10)); round += 1) {
    // Each begins in its turn.
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(round + turn) % contenders.length] as Contender;
      await using stage = await contender.start();
      const figures = await failOver(stage, signal, round);
      failovers.push(...figures);
      for (const { client, resumedMs, lost } of figures)
        console.error(`${signal} ${round}, ${client}: resumed after ${ms(resumedMs)}, ${lost} lost`);
    }
  }
  return report(signal, failovers);
}

function present(): readonly Contender[] {
  const words = values.only.toLowerCase().split(',');
  const peers = [
    { contender: SENTINEL, command: 'redis-server', debianPackage: 'redis-server' },
    { contender: ETCD, command: 'etcd', debianPackage: 'etcd-server' },
  ].filter(({ contender }) => words.some((word) => contender.name.toLowerCase().includes(word)));
  const found: Contender[] = [ONE_BACKUP, TWO_BACKUPS];
  for (const { contender, command, debianPackage } of peers) {
    try {
      console.error(versionOf(command, debianPackage));
      found.push(contender);
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      console.error(`left out: ${error.message}`);
    }
  }
  return found;
}

async function failOver(stage: Stage, signal: 'SIGKILL' | 'SIGTERM', round: number): Promise<readonly Failover[]> {
  const writers = stage.clients.map((client) => ({ client, ledgers: ledgersOf(client) }));
  const all = writers.flatMap(({ ledgers }) => ledgers);
  const writing = Promise.all(all.map((ledger) => ledger.run()));
  // Whoever fails first is told below; when something else failed before, what the writers then meet is only its consequence.
  writing.catch(() => {});
  try {
    // A moment that has nothing to do with the pings.
    await sleep(1_000 + 200 * Math.random());
    const signalledAtMs = performance.now();
    await stage.signalPrimary(signal);
    await Promise.race([resumption(all, signalledAtMs), writing]);
    await sleep(200);
    for (const ledger of all) ledger.stop();
    await writing;
    return await Promise.all(
      writers.map(({ client, ledgers }) => figuresOf(client, ledgers, { signalledAtMs, round })),
    );
  } finally {
    for (const ledger of all) ledger.stop();
  }
}

function ledgersOf(client: Client): readonly Ledger[] {
  return Array.from({ length: Number(values.writers) }, (_, index) => new Ledger(client, `writer-${index}`, PAUSE_MS));
}

/** Every writer has an acknowledgement of a write begun after the signal. */
async function resumption(ledgers: readonly Ledger[], signalledAtMs: number): Promise<void> {
  while (!ledgers.every((ledger) => ledger.firstAfter(signalledAtMs + SETTLED_MS) !== undefined)) {
    if (performance.now() > signalledAtMs + PATIENCE_MS) throw new Error('no write is acknowledged any more');
    await sleep(5);
  }
}

async function figuresOf(
  { name }: Client,
  ledgers: readonly Ledger[],
  { signalledAtMs, round }: { readonly signalledAtMs: number; readonly round: number },
): Promise<Failover> {
  const audits = await Promise.all(ledgers.map((ledger) => ledger.audit()));
  for (const example of audits.flatMap(({ examples }) => examples).slice(0, 3)) console.error(`${name}: ${example}`);
  const sum = (of: (audit: Audit) => number) => audits.reduce((total, audit) => total + of(audit), 0);
  const first = Math.min(...ledgers.map((ledger) => ledger.firstAfter(signalledAtMs + SETTLED_MS) ?? Infinity));
  return {
    client: name,
    round,
    resumedMs: first - signalledAtMs,
    longestGapMs: longestGap(
      ledgers.flatMap(({ acknowledgements }) => acknowledgements),
      signalledAtMs,
    ),
    failures: ledgers.reduce((total, { failures }) => total + failures, 0),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
  };
}

function longestGap(acknowledgements: readonly Acknowledgement[], fromMs: number): number {
  const times = acknowledgements.map(({ atMs }) => atMs).filter((atMs) => atMs > fromMs);
  let longest = 0;
  let before = fromMs;
  for (const time of times.toSorted((a, b) => a - b)) {
    longest = Math.max(longest, time - before);
    before = time;
  }
  return longest;
}

function report(signal: 'SIGKILL' | 'SIGTERM', failovers: readonly Failover[]): number {
  const clients = [...new Set(failovers.map(({ client }) => client))];
  const of = (client: string) => failovers.filter((failover) => failover.client === client);
  const ratios = {
    'held by two / SET+WAIT': ratio(failovers, 'understudy, held by two', [ROWS.waiting, ROWS.waitingTuned]),
    'understudy / SET alone': ratio(failovers, 'understudy', [ROWS.tuned]),
  };
  const own = failovers.filter(({ client }) => client.startsWith('understudy'));
  const isExact = own.every(({ lost, doubled }) => lost + doubled === 0);
  const isPrompt = own.every(({ resumedMs }) => resumedMs <= RESUMED_BOUND_MS);
  const isSooner = Object.values(ratios).every((found) => found.length === 0 || quantile(found, 0.5) <= RATIO_BOUND);
  const isSmooth =
    quantile(
      own.map(({ longestGapMs }) => longestGapMs),
      0.5,
    ) < LEAVING_BOUND_MS;
  const isWithin = isExact && (signal === 'SIGKILL' ? isPrompt && isSooner : isSmooth);
  console.log(`${machine()}; ${signal}, ${of('understudy').length} rounds\n`);
  printTable([
    ['', 'resumed', 'longest gap', 'acknowledged', 'lost', 'failed attempts'],
    ...clients.map((name) => row(name, of(name))),
  ]);
  console.log('');
  for (const [name, found] of Object.entries(ratios))
    if (found.length > 0) console.log(`${name}: ${spread(found, (value) => value.toFixed(2))}, bound ${RATIO_BOUND}`);
  const bound =
    signal === 'SIGKILL'
      ? `each resumed within ${RESUMED_BOUND_MS} ms`
      : `longest gap under ${LEAVING_BOUND_MS} ms in the median`;
  console.log(`nothing lost or doubled here, ${bound}, ratios: ${isWithin ? 'kept' : 'BROKEN'}`);
  writeJson(values.json, { machine: machine(), signal, failovers, ratios, isWithin });
  return isWithin ? 0 : 1;
}

function row(name: string, rounds: readonly Failover[]): readonly (string | number)[] {
  const sum = (of: (failover: Failover) => number) => rounds.reduce((total, failover) => total + of(failover), 0);
  return [
    name,
    spread(
      rounds.map(({ resumedMs }) => resumedMs),
      ms,
    ),
    spread(
      rounds.map(({ longestGapMs }) => longestGapMs),
      ms,
    ),
    sum(({ acknowledged }) => acknowledged),
    sum(({ lost }) => lost),
    sum(({ failures }) => failures),
  ];
}

/** Of each round: ours to the best of theirs. */
function ratio(failovers: readonly Failover[], ours: string, theirs: readonly string[]): readonly number[] {
  return failovers
    .filter(({ client }) => client === ours)
    .flatMap(({ round, resumedMs }) => {
      const others = failovers.filter((other) => other.round === round && theirs.includes(other.client));
      return others.length === 0 ? [] : [resumedMs / Math.min(...others.map((other) => other.resumedMs))];
    });
}

/**
 * How long writes stand still when the primary dies, and whether anything acknowledged is lost or doubled.
 *
 * `understudy up` runs with three servers; writers put and append without a pause; the primary's process gets the signal, as
 * soon as a backup is in sync again, and so on.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KVClient } from '@understudy/kvservice';
import { DEAD_PINGS, PING_INTERVAL } from '@understudy/sysmonitor';
import { Ledger } from './support/ledger.ts';
import { LocalCluster } from './support/local-cluster.ts';
import { ms, printTable, quantile } from './support/report.ts';

const HELP = `Usage: npm run bench:failover -- [options]

  --kills N       how often the primary gets the signal (20)
  --signal NAME   SIGKILL: it dies; SIGTERM: it leaves on purpose (SIGKILL)
  --writers N     writers, one operation at a time each (4)
  --json          print one JSON object
  --help          print this

"resumed" is the time from the signal to the first acknowledgement of a write that was begun after it; "longest gap" is the
longest time without any acknowledgement, until the successor has given one. Exits 1 when an acknowledged write is
lost or doubled, or when a bound is broken: SIGKILL, each resumed within ${DEAD_PINGS} x ${PING_INTERVAL} + 2 x ${PING_INTERVAL} ms; SIGTERM, longest gap under 50 ms
in the median.`;

const BOUND_MS = { SIGKILL: (DEAD_PINGS + 2) * PING_INTERVAL, SIGTERM: 50 };

interface Failover {
  readonly resumedMs: number;
  readonly longestGapMs: number;
}

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    signal: { type: 'string', default: 'SIGKILL' },
    writers: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await measure();

async function measure(): Promise<number> {
  const signal = values.signal === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL';
  await using cluster = await LocalCluster.start({ servers: 3 });
  const clients: KVClient[] = [];
  const ledgers = Array.from({ length: Number(values.writers) }, (_, index) => {
    const kv = new KVClient({ monitors: cluster.monitor });
    clients.push(kv);
    return new Ledger(kv, `writer-${index}`);
  });
  const writing = Promise.all(ledgers.map((ledger) => ledger.run()));
  const failovers: Failover[] = [];
  for (let round = 1; round <= Number(values.kills); round += 1) {
    const failover = await Promise.race([failOver(cluster, ledgers, clients, signal), writing.then(writersEnded)]);
    failovers.push(failover);
    if (!values.json) {
      console.log(`${signal} ${round}: resumed ${ms(failover.resumedMs)}, longest gap ${ms(failover.longestGapMs)}`);
    }
  }
  for (const ledger of ledgers) ledger.stop();
  await writing;
  const wrong = (await Promise.all(ledgers.map((ledger) => ledger.differences()))).flat();
  for (const kv of clients) await kv.close();
  return report(signal, failovers, ledgers, wrong);
}

async function failOver(
  cluster: LocalCluster,
  ledgers: readonly Ledger[],
  clients: readonly KVClient[],
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<Failover> {
  const { viewnum, primary } = await cluster.inSync();
  // A moment that has nothing to do with the pings.
  await sleep(100 + 200 * Math.random());
  const begun = ledgers.map(({ count }) => count + 1);
  const signalledAtMs = performance.now();
  process.kill(cluster.pidOf(primary), signal);
  const resumed = (ledger: Ledger, index: number) => ledger.count > (begun[index] ?? 0);
  const moved = (kv: KVClient) => kv.view.viewnum > viewnum && kv.view.primary !== primary;
  while (!ledgers.every((ledger, index) => resumed(ledger, index)) || !clients.every(moved)) await sleep(1);
  await sleep(5);
  const resumedAtMs = Math.min(
    ...ledgers.map((ledger, index) => ledger.acknowledgedAtMs[begun[index] ?? 0] ?? Infinity),
  );
  return { resumedMs: resumedAtMs - signalledAtMs, longestGapMs: longestGap(ledgers, signalledAtMs) };
}

function longestGap(ledgers: readonly Ledger[], fromMs: number): number {
  const times = ledgers
    .flatMap(({ acknowledgedAtMs }) => acknowledgedAtMs.filter((time) => time > fromMs))
    .sort((a, b) => a - b);
  let longest = 0;
  let before = fromMs;
  for (const time of times) {
    longest = Math.max(longest, time - before);
    before = time;
  }
  return longest;
}

function writersEnded(): never {
  throw new Error('the writers ended before the last failover');
}

function report(
  signal: 'SIGKILL' | 'SIGTERM',
  failovers: readonly Failover[],
  ledgers: readonly Ledger[],
  wrong: readonly string[],
): number {
  const resumed = failovers.map(({ resumedMs }) => resumedMs);
  const gaps = failovers.map(({ longestGapMs }) => longestGapMs);
  const acknowledged = ledgers.reduce((sum, { count }) => sum + count, 0);
  const bound = BOUND_MS[signal];
  const isWithin = signal === 'SIGKILL' ? quantile(resumed, 1) <= bound : quantile(gaps, 0.5) < bound;
  if (values.json) {
    console.log(JSON.stringify({ signal, failovers, acknowledged, lostOrDoubled: wrong, boundMs: bound, isWithin }));
  } else {
    printTable([
      ['', 'median', 'maximum'],
      ['resumed', ms(quantile(resumed, 0.5)), ms(quantile(resumed, 1))],
      ['longest gap', ms(quantile(gaps, 0.5)), ms(quantile(gaps, 1))],
    ]);
    console.log(`${acknowledged} acknowledged writes, ${wrong.length} keys with a lost or doubled one`);
    for (const line of wrong.slice(0, 10)) console.log(`  ${line}`);
    const what = signal === 'SIGKILL' ? 'the longest time to resume' : 'the median of the longest gaps';
    console.log(`bound for ${what}: ${bound} ms, ${isWithin ? 'kept' : 'BROKEN'}`);
  }
  return wrong.length === 0 && isWithin ? 0 : 1;
}

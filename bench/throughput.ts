/** Puts and gets a second, with one backup in sync, at several numbers of operations in flight. */

import { createHistogram } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { KVClient } from '@understudy/kvservice';
import { LocalCluster } from './support/local-cluster.ts';
import { ms, printTable } from './support/report.ts';

const HELP = `Usage: npm run bench:throughput -- [options]

  --in-flight LIST   operations in flight (1,64,256,1024)
  --seconds N        how long each measure takes (3)
  --keys N           keys (10000)
  --value-bytes N    size of a value (100)
  --json             print one JSON object
  --help             print this

Monitor, primary and backup are processes of their own; this one is the client. A put is acknowledged when both servers
have it in memory; a get is answered by the primary, under its lease.`;

const WARM_UP_SECONDS = 1;

interface Measure {
  readonly operation: 'put' | 'get';
  readonly inFlight: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const { values } = parseArgs({
  options: {
    'in-flight': { type: 'string', default: '1,64,256,1024' },
    seconds: { type: 'string', default: '3' },
    keys: { type: 'string', default: '10000' },
    'value-bytes': { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  await using cluster = await LocalCluster.start({ servers: 2 });
  await using kv = new KVClient({ monitors: cluster.monitor });
  await cluster.inSync();
  const keys = Array.from({ length: Number(values.keys) }, (_, number) => `key/${number}`);
  const value = '.'.repeat(Number(values['value-bytes']));
  const operations = {
    put: (key: string) => kv.put(key, value),
    get: (key: string) => kv.get(key),
  };
  const measures: Measure[] = [];
  for (const inFlight of values['in-flight'].split(',').map(Number)) {
    for (const operation of ['put', 'get'] as const) {
      await drive(operations[operation], keys, inFlight, WARM_UP_SECONDS);
      measures.push({
        operation,
        inFlight,
        ...(await drive(operations[operation], keys, inFlight, Number(values.seconds))),
      });
    }
  }
  if (values.json) console.log(JSON.stringify({ measures }));
  else printTable([['in flight', '', 'a second', 'p50', 'p99'], ...measures.map(row)]);
}

/** Keeps `inFlight` operations under way for so long. */
async function drive(
  operate: (key: string) => Promise<unknown>,
  keys: readonly string[],
  inFlight: number,
  seconds: number,
): Promise<Omit<Measure, 'operation' | 'inFlight'>> {
  const latency = createHistogram();
  const startMs = performance.now();
  const endMs = startMs + 1_000 * seconds;
  let next = 0;
  const call = async () => {
    for (let nowMs = performance.now(); nowMs < endMs; ) {
      await operate(keys[next++ % keys.length] ?? '');
      const answeredAtMs = performance.now();
      latency.record(Math.max(1, Math.round(1_000 * (answeredAtMs - nowMs))));
      nowMs = answeredAtMs;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, call));
  return {
    perSecond: Math.round((1_000 * latency.count) / (performance.now() - startMs)),
    p50Ms: latency.percentile(50) / 1_000,
    p99Ms: latency.percentile(99) / 1_000,
  };
}

function row({ operation, inFlight, perSecond, p50Ms, p99Ms }: Measure): readonly (string | number)[] {
  return [inFlight, operation, perSecond, ms(p50Ms), ms(p99Ms)];
}

/** Puts and gets a second, with one backup in sync, at several numbers of operations in flight. */

import { parseArgs } from 'node:util';
import { KVClient } from '@understudy/kvservice';
import { type Driven, drive } from './support/drive.ts';
import { LocalCluster } from './support/local-cluster.ts';
import { machine, ms, printTable, writeJson } from './support/report.ts';

const HELP = `Usage: npm run bench:throughput -- [options]

  --in-flight LIST   operations in flight (1,64,256,1024)
  --seconds N        how long each measure takes (3)
  --keys N           keys (10000)
  --value-bytes N    size of a value (100)
  --json FILE        write the figures to a file
  --help             print this

Monitor, primary and backup are processes of their own; this one is the client. A put is acknowledged when both servers
have it in memory; a get is answered by the primary, under its lease.`;

const WARM_UP_SECONDS = 1;

interface Measure extends Driven {
  readonly operation: 'put' | 'get';
  readonly inFlight: number;
}

const { values } = parseArgs({
  options: {
    'in-flight': { type: 'string', default: '1,64,256,1024' },
    seconds: { type: 'string', default: '3' },
    keys: { type: 'string', default: '10000' },
    'value-bytes': { type: 'string', default: '100' },
    json: { type: 'string' },
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
  printTable([['in flight', '', 'a second', 'p50', 'p99'], ...measures.map(row)]);
  writeJson(values.json, { machine: machine(), measures });
}

function row({ operation, inFlight, perSecond, p50Ms, p99Ms }: Measure): readonly (string | number)[] {
  return [inFlight, operation, perSecond, ms(p50Ms), ms(p99Ms)];
}

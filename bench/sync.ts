/**
 * What a new backup costs the writers: how long it takes to bring it up to date, and the longest time in which no write was
 * acknowledged meanwhile, beside the same measure of an equal time without a sync.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KVClient } from '@understudy/kvservice';
import { MonitorClient, type MonitorStatus } from '@understudy/sysmonitor';
import { Callers, type Stretch } from './support/callers.ts';
import { memoryOf, Understudy } from './support/processes.ts';
import { megabytes, ms, printTable } from './support/report.ts';

const HELP = `Usage: npm run bench:sync -- [options]

  --bytes N         state that the new backup has to get (10000000)
  --value-bytes N   size of one value (1000)
  --callers N       callers that put meanwhile, one put at a time each (16)
  --json            print one JSON object
  --help            print this

Monitor, primary, backup and callers are processes of their own. "machine" is the longest time that a thread with nothing to do
stood still: where it comes near the gap, the machine is too busy with other things for this measurement. Exits 1 when the longest gap reaches 50 ms, at any size.`;

const GAP_BOUND_MS = 50;
const LOADS_IN_FLIGHT = 256;

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '10000000' },
    'value-bytes': { type: 'string', default: '1000' },
    callers: { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await measure();

async function measure(): Promise<number> {
  const { process: monitorProcess, address: monitor } = await Understudy.start(['monitor', '--new', '--listen', '0']);
  await using _monitor = monitorProcess;
  const server = () => Understudy.start(['server', '--listen', '0', '--monitor', monitor]);
  const { process: primary } = await server();
  await using _primary = primary;
  await using kv = new KVClient({ monitors: monitor });
  await fill(kv, Number(values.bytes), Number(values['value-bytes']));
  const filled = memoryOf(primary.pid).present;

  await using callers = new Callers(kv, Number(values.callers));
  await callers.stretch(sleep(1_000));
  const alone = await callers.stretch(sleep(2_000));
  const { process: backup } = await server();
  await using _backup = backup;
  const sync = await callers.stretch(backupInSync(monitor));
  const afterwards = await callers.stretch(sleep(2_000));

  const memory = { filled, primary: memoryOf(primary.pid).peak, backup: memoryOf(backup.pid).peak };
  if (values.json) console.log(JSON.stringify({ bytes: Number(values.bytes), alone, sync, afterwards, memory }));
  else print(alone, sync, afterwards, memory);
  return sync.longestGapMs < GAP_BOUND_MS ? 0 : 1;
}

async function fill(kv: KVClient, bytes: number, valueBytes: number): Promise<void> {
  let next = 0;
  const keys = Math.ceil(bytes / valueBytes);
  const load = async () => {
    while (next < keys) {
      const number = next++;
      await kv.put(`state/${number}`, `${number}`.padEnd(valueBytes, '.'));
    }
  };
  await Promise.all(Array.from({ length: LOADS_IN_FLIGHT }, load));
}

/** The primary has acknowledged a view in which the backup holds everything. */
async function backupInSync(monitor: string): Promise<void> {
  const client = new MonitorClient({ monitors: monitor });
  let status: MonitorStatus;
  do {
    await sleep(5);
    status = await client.status();
  } while (!(status.acknowledged && status.view.backups.length === 1 && status.view.syncing.length === 0));
  await client.close();
}

function print(
  alone: Stretch,
  sync: Stretch,
  afterwards: Stretch,
  memory: { readonly filled: number; readonly primary: number; readonly backup: number },
): void {
  const row = (name: string, { lastedMs, puts, longestGapMs, p99Ms, machineMs }: Stretch) => [
    name,
    ms(lastedMs),
    Math.round((1_000 * puts) / lastedMs),
    ms(p99Ms),
    ms(longestGapMs),
    ms(machineMs),
  ];
  printTable([
    ['', 'lasted', 'puts/s', 'p99', 'longest gap', 'machine'],
    row('no backup', alone),
    row('backup syncing', sync),
    row('backup in sync', afterwards),
  ]);
  console.log(`state: ${megabytes(Number(values.bytes))}; primary ${megabytes(memory.filled)} of memory before`);
  console.log(`peaks: primary ${megabytes(memory.primary)}, backup ${megabytes(memory.backup)}`);
  console.log(`bound for the longest gap: ${GAP_BOUND_MS} ms, ${sync.longestGapMs < GAP_BOUND_MS ? 'kept' : 'BROKEN'}`);
}

/**
 * The classic scenario of a primary/backup service: one server takes writes, a second joins as its backup, the first is
 * killed, and nothing that was acknowledged is gone.
 *
 * Run it with `npm run scenario`. The lines with an arrow are ours; those with a time are told by the cluster.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KVClient, type ServerNotice, startServer } from '@understudy/kvservice';
import { causeInWords, type MonitorNotice, startMonitor, type View } from '@understudy/sysmonitor';

const startedAtMs = performance.now();
const anyPort = '127.0.0.1:0';
const names = new Map<string, string>(); // of the servers, by address

say('A monitor, which decides who is primary, and one server.');
const monitor = await startMonitor({ listen: anyPort, newCluster: true, onNotice: onMonitorNotice });
const first = await startServer({ listen: anyPort, monitors: monitor.address, onNotice: onNoticeOf('first') });
names.set(first.address, 'first');

say('Three puts. The client finds the primary by itself.');
const kv = new KVClient({ monitors: monitor.address, timeout: 5_000 });
await kv.put('apple', 'red');
await kv.put('banana', 'yellow');
await kv.put('cherry', 'dark red');

say('A second server joins, and three more writes go on while it is brought up to date.');
const second = await startServer({ listen: anyPort, monitors: monitor.address, onNotice: onNoticeOf('second') });
names.set(second.address, 'second');
await kv.put('damson', 'blue');
await kv.append('apple', ' and green');
await kv.cas('banana', 'yellow', 'brown');
await until('the second server holds all the data', () => isBackupInSync(monitor.view));

say('The primary is killed: no goodbye, its memory is gone. We write on as if nothing had happened.');
const killedAtMs = performance.now();
await first.kill();
await kv.put('elderberry', 'black');
const outageMs = Math.round(performance.now() - killedAtMs);
say(`That put took ${outageMs} ms: the time to notice the silence and to make the second server primary.`);

say('Everything is read back, from the server that was the understudy.');
await expectValue('apple', 'red and green');
await expectValue('banana', 'brown');
await expectValue('cherry', 'dark red');
await expectValue('damson', 'blue');
await expectValue('elderberry', 'black');
await expectValue('fig', undefined);

await kv.close();
await second.close();
await monitor.close();
console.log('\nChecks passed.');

// What follows only shows and checks.

async function expectValue(key: string, expected: string | undefined): Promise<void> {
  const value = await kv.get(key);
  console.log(`              get ${key.padEnd(10)}  ${value ?? '(absent)'}`);
  if (value === expected) return;
  console.error(`\nWRONG: ${key} should be ${expected ?? '(absent)'}.`);
  process.exit(1);
}

function isBackupInSync({ backups, syncing }: View): boolean {
  return backups.length === 1 && syncing.length === 0;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 10) {
    if (waitedMs > 5_000) throw new Error(`waited five seconds in vain until ${what}`);
    await sleep(10);
  }
}

function onMonitorNotice(notice: MonitorNotice): void {
  if (notice.kind === 'view')
    tell('monitor', `${inWords(notice.view)} (${notice.causes.map(causeInWords).join('; ')})`);
  if (notice.kind === 'acknowledged') tell('monitor', `view ${notice.view.viewnum} is acknowledged`);
}

function onNoticeOf(name: string): (notice: ServerNotice) => void {
  let role = 'idle';
  return (notice) => {
    if (notice.kind === 'view' && notice.role !== role) tell(name, `is ${notice.role} now`);
    if (notice.kind === 'view') role = notice.role;
    if (notice.kind === 'serving') tell(name, 'answers clients');
    if (notice.kind === 'sync-started') tell(name, `brings ${notice.backup} up to date`);
    if (notice.kind === 'synced') tell(name, `sees that ${notice.backup} holds all the data`);
  };
}

function inWords({ viewnum, primary, backups }: View): string {
  return `view ${viewnum}: primary ${primary}, ${backups.length === 0 ? 'no backup' : `backup ${backups.join(', ')}`}`;
}

function say(text: string): void {
  console.log(`\n-> ${text}`);
}

function tell(who: string, text: string): void {
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(3);
  const readable = [...names].reduce((words, [address, name]) => words.replaceAll(address, name), text);
  console.log(`     ${seconds} s  ${who.padEnd(7)}  ${readable}`);
}

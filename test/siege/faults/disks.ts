/** Faults of data directories: damage of one that is not the last, and a monitor's that is lost. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SeededRandom } from '@understudy/testkit';
import { CLIENTS } from '../cluster.ts';
import { sightingOf } from '../custody.ts';
import { type Damage, damage, FOREIGN_FILE } from '../damage.ts';
import type { Fault, Field } from '../field.ts';
import type { Member } from '../member.ts';
import { becomes } from '../waiting.ts';
import { startAgain } from './processes.ts';

const WAIT_MS = 3_000;
const KINDS: readonly Damage[] = [
  'flipped-bits',
  'flipped-bits',
  'cut-log',
  'cut-log',
  'removed-file',
  'removed-directory',
  'foreign-file',
  'older-copy',
  'older-copy',
];

export const damageDirectory: Fault = async (field, random) => {
  const { cluster } = field;
  if (cluster.monitor.dataDirectory !== undefined && random.chance(0.15)) return loseMonitorsDirectory(field, random);
  const victims = field.freeServers.filter(({ dataDirectory }) => dataDirectory !== undefined);
  if (victims.length === 0) return;
  const victim = random.pick(victims);
  const kind = random.pick(KINDS);
  await field.handle([victim], async () => {
    const isDead = await field.destroying(() => killWhereOthersHoldAll(field, victim, kind));
    if (!isDead) return void field.tally.add('withheldFaults');
    const directory = victim.dataDirectory ?? '';
    const what = damage(kind, directory, random, field.copies.get(victim)?.path);
    field.tell(`killed ${victim.name}; ${what}`);
    field.tally.add('kills');
    field.tally.add('damagedDirectories');
    if (kind === 'older-copy') field.tally.add('olderCopies');
    await startOrClear(field, victim, kind);
  });
};

/** Copies every server's directory while the server stands still, for later. */
export async function copyDirectories(field: Field): Promise<void> {
  for (const server of field.cluster.servers) {
    const { dataDirectory } = server;
    const status = await field.cluster.serverStatus(server);
    if (dataDirectory === undefined || status === undefined) continue;
    const path = `${dataDirectory}.copy`;
    server.stop();
    rmSync(path, { recursive: true, force: true });
    cpSync(dataDirectory, path, { recursive: true });
    server.continue();
    // The log in the copy may be a little longer than this; so an index that is greater by far tells more.
    const after = await field.cluster.serverStatus(server);
    if (after !== undefined)
      field.copies.set(server, { path, viewnum: after.view.viewnum, index: after.position.index });
  }
}

/**
 * The monitor has to be able to notice that a disk holds less than it did: it compares with what the server last reported (V2). So
 * clients are held back until every entry of the victim is reported.
 */
async function killWhereOthersHoldAll(field: Field, victim: Member, kind: Damage): Promise<boolean> {
  const { cluster, custody } = field;
  const goOn = cluster.links.lay({ concerns: (from, to) => from === CLIENTS || to === CLIENTS, state: { cut: true } });
  try {
    if (!(await becomes(() => isReported(field, victim), WAIT_MS))) return false;
    const position = (await cluster.serverStatus(victim))?.position.index;
    victim.stop();
    const custodians = await custody.besides(victim);
    const reported = custodians && sightingOf(custodians.status, victim)?.position?.index;
    const copy = field.copies.get(victim);
    const isNoticed = kind !== 'older-copy' || (copy !== undefined && reported !== undefined && copy.index < reported);
    if (custodians === undefined || reported === undefined || reported !== position || !isNoticed) {
      victim.continue();
      return false;
    }
    custody.destroyed(victim, custodians);
    await victim.kill();
    return true;
  } finally {
    goOn();
  }
}

async function isReported(field: Field, victim: Member): Promise<boolean> {
  const [status, own] = [await field.cluster.monitorStatus(), await field.cluster.serverStatus(victim)];
  const sighting = status && sightingOf(status, victim);
  return own !== undefined && sighting?.position?.index === own.position.index;
}

/** Does what an operator does about a directory that a server refuses: takes out what does not belong there, or begins without data. */
async function startOrClear(field: Field, victim: Member, kind: Damage): Promise<void> {
  const ended = await victim.start();
  if (ended === undefined) return;
  const directory = victim.dataDirectory ?? '';
  field.tell(`${victim.name} refuses its directory: ${victim.lastWords().split('\n').at(-1)}`);
  if (ended.code !== 1) field.tally.fail(`${victim.name} ended with ${JSON.stringify(ended)}:\n${victim.lastWords()}`);
  rmSync(kind === 'foreign-file' ? join(directory, FOREIGN_FILE) : directory, { recursive: true, force: true });
  if ((await victim.start()) !== undefined) {
    field.tally.fail(`${victim.name} still does not start after ${kind}:\n${victim.lastWords()}`);
  }
}

/** Only where all servers that may have been promoted will report: the monitor waits for each of them (V12). */
async function loseMonitorsDirectory(field: Field, random: SeededRandom): Promise<void> {
  const { monitor } = field.cluster;
  await field.handle([monitor], async () => {
    const isDead = await field.destroying(async () => {
      if (!(await becomes(() => field.custody.isWhole(), WAIT_MS))) return false;
      await monitor.kill();
      return true;
    });
    if (!isDead) return void field.tally.add('withheldFaults');
    rmSync(monitor.dataDirectory ?? '', { recursive: true });
    field.tell('killed the monitor; directory removed');
    for (const what of ['kills', 'damagedDirectories', 'monitorsWithoutState'] as const) field.tally.add(what);
    await startAgain(field, monitor, random);
  });
}

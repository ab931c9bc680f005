/** TestBasicFail: one server, two, the first one dies, the last one dies. */
import type { KVClient } from '@understudy/kvservice';
import { expect } from 'chai';
import type { Stage } from '../stage.ts';
import { check, crashPrimary, inSync, type Play, part } from './steps.ts';

const PUTS = 100;

export async function basicFail(stage: Stage, play: Play): Promise<void> {
  const kv = stage.client('ck');
  await part('Single primary, no backup', () => singlePrimary(stage, kv));
  await part('Add a backup', () => addBackup(stage, play, kv));
  await part('Count RPCs to viewserver', () => countCalls(stage, play, kv));
  await part('Primary failure', () => primaryFailure(stage, kv));
  await part('Kill last server, new one should not be active', () => killLast(stage, play, kv));
}

async function singlePrimary(stage: Stage, kv: KVClient): Promise<void> {
  await stage.startServer('s1');
  await stage.until(() => stage.view.primary === 's1', 'the first primary');
  await kv.put('111', 'v1');
  await check(kv, '111', 'v1');
  await kv.put('2', 'v2');
  await check(kv, '2', 'v2');
  await kv.put('1', 'v1a');
  await check(kv, '1', 'v1a');
  await kv.append('ak', 'hello');
  await check(kv, 'ak', 'hello');
  await kv.put('ak', 'xx');
  await kv.append('ak', 'yy');
  await check(kv, 'ak', 'xxyy');
}

/** The lab does not wait until the backup holds the data before it puts, nor does this. */
async function addBackup(stage: Stage, { backups }: Play, kv: KVClient): Promise<void> {
  for (let number = 2; number <= 1 + backups; number++) {
    await stage.startServer(`s${number}`);
    await stage.until(() => stage.view.backups.includes(`s${number}`), `s${number} as backup`);
    await kv.put('3', '33');
    await check(kv, '3', '33');
  }
  await stage.sleep(3 * stage.pingIntervalMs);
  await kv.put('4', '44');
  await check(kv, '4', '44');
  expect(stage.inSync, 'every backup holds the data').to.equal(true);
}

/** The lab allows twenty requests more than the pings; the client that puts has no reason to make even one (C1). */
async function countCalls(stage: Stage, { backups }: Play, kv: KVClient): Promise<void> {
  const calls = stage.monitorCalls;
  const beganMs = stage.now;
  for (let number = 0; number < PUTS; number++) await kv.put(`xk${number}`, String(number));
  const pings = (1 + backups) * (1 + Math.floor((stage.now - beganMs) / stage.pingIntervalMs));
  expect(stage.monitorCalls - calls, `requests to the monitor during ${PUTS} puts`).to.be.at.most(pings);
}

async function primaryFailure(stage: Stage, kv: KVClient): Promise<void> {
  await crashPrimary(stage);
  await check(kv, '1', 'v1a');
  await check(kv, '3', '33');
  await check(kv, '4', '44');
}

/** With several backups each takes over in turn, until the last one dies. */
async function killLast(stage: Stage, { backups }: Play, kv: KVClient): Promise<void> {
  for (let left = backups - 1; left > 0; left--) {
    await inSync(stage, left);
    await crashPrimary(stage);
    await check(kv, '1', 'v1a');
  }
  await inSync(stage, 0);
  await stage.crash(stage.view.primary);
  await stage.startServer('s9');
  await stage.sleep(2 * stage.deadMs);
  let answer: string | undefined;
  const patience = new AbortController();
  const get = kv.get('1', { signal: patience.signal }).then(
    (value) => {
      answer = `value ${value}`;
    },
    (error: Error) => {
      answer = error.name;
    },
  );
  await stage.sleep(4 * stage.deadMs);
  expect(answer, 'answer of a get though no server holds the data').to.equal(undefined);
  expect(stage.status('s9').role, 'role of the new server').to.equal('idle');
  patience.abort();
  await get;
  expect(answer).to.equal('ABORTED');
}

/** TestAtMostOnce: a hundred operations, each of which would show if it were done twice or not at all. */
import type { KVClient } from '@understudy/kvservice';
import { expect } from 'chai';
import type { Stage } from '../stage.ts';
import { fnv1a } from './hash.ts';
import { check, type Play, startServers } from './steps.ts';

/** `PutHash("counter", 0..99)` ends so in every edition that has it. */
const LAB_HASH = '3868028174';
const OPERATIONS = 100;

/** As in the edition of 2015. */
export async function atMostOnceAppend(stage: Stage, play: Play): Promise<void> {
  const kv = await begin(stage, play);
  let expected = '';
  for (let number = 0; number < OPERATIONS; number++) {
    await kv.append('counter', String(number));
    expected += number;
  }
  await check(kv, 'counter', expected);
  if (play.unreliable !== undefined) expectRepetitions(stage);
}

/** As in the edition of 2014. */
export async function atMostOncePutHash(stage: Stage, play: Play): Promise<void> {
  const kv = await begin(stage, play);
  let expected = '';
  for (let number = 0; number < OPERATIONS; number++) {
    expect(await kv.putHash('counter', String(number)), `previous value of put hash ${number}`).to.equal(expected);
    expected = fnv1a(`${expected}${number}`);
  }
  await check(kv, 'counter', expected);
  expect(expected).to.equal(LAB_HASH);
  if (play.unreliable !== undefined) expectRepetitions(stage);
}

async function begin(stage: Stage, play: Play): Promise<KVClient> {
  if (play.unreliable !== undefined) stage.unreliable(play.unreliable);
  await startServers(stage, play, 1 + play.backups);
  return stage.client('ck');
}

/** Else the network was too good for this test to show anything. */
function expectRepetitions(stage: Stage): void {
  const { primary, backups } = stage.view;
  const counts = [primary, ...backups].map((name) => stage.status(name).counters.duplicatesAnswered ?? 0);
  expect(Math.max(...counts), 'operations answered from memory').to.be.greaterThan(0);
}

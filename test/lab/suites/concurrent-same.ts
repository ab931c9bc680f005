/** TestConcurrentSame: clients put to the same keys at the same time, and every server must see them in one order. */
import type { KVClient } from '@understudy/kvservice';
import { expect } from 'chai';
import type { Choices, Stage } from '../stage.ts';
import { crashPrimary, inSync, type Play, startServers } from './steps.ts';

const CLIENTS = 3;
const KEYS = 2;
const LAB_SECONDS = 5;
const GREATEST_VALUE = 2 ** 31 - 1;

export async function concurrentSame(stage: Stage, play: Play): Promise<void> {
  if (play.unreliable !== undefined) stage.unreliable(play.unreliable);
  await startServers(stage, play, 1 + play.backups);
  const kv = stage.client('ck');
  for (let key = 0; key < KEYS; key++) await kv.put(String(key), 'x');
  const endMs = stage.now + LAB_SECONDS * play.secondMs;
  const clients = Array.from({ length: CLIENTS }, (_, index) => stage.client(`client${index}`));
  const counts = await Promise.all(clients.map((client) => putUntil(client, stage, endMs)));
  expect(Math.min(...counts), 'puts of the slowest client').to.be.greaterThan(0);

  const atPrimary = await everything(kv);
  expect(Object.keys(atPrimary)).to.deep.equal(Array.from({ length: KEYS }, (_, index) => String(index)));
  for (let left = play.backups; left > 0; left--) {
    await inSync(stage, left);
    await crashPrimary(stage);
    expect(await everything(kv), `what ${stage.view.primary} holds`).to.deep.equal(atPrimary);
  }
}

async function putUntil(kv: KVClient, stage: Stage, endMs: number): Promise<number> {
  let count = 0;
  while (stage.now < endMs) {
    await kv.put(anyKey(stage.choices), String(stage.choices.integer(0, GREATEST_VALUE)));
    count += 1;
  }
  return count;
}

function anyKey(choices: Choices): string {
  return String(choices.integer(0, KEYS - 1));
}

/** By single gets, as in the lab, and by a scan: they must agree. */
async function everything(kv: KVClient): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for await (const { key, value } of kv.scan()) {
    found[key] = value;
    expect(await kv.get(key), `get ${key}`).to.equal(value);
  }
  return found;
}

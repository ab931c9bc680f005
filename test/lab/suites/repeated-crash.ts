/** TestRepeatedCrash: servers are killed and started again, one at a time, while clients work and check. */
import type { KVClient } from '@understudy/kvservice';
import { expect } from 'chai';
import type { Stage } from '../stage.ts';
import { Appends } from './appends.ts';
import { fnv1a } from './hash.ts';
import { check, inSync, type Play, read, startServers } from './steps.ts';

const CLIENTS = 2;
const KEYS = 10;
const LAB_SECONDS = 20;
const PAUSE_MS = 10;
const GREATEST_VALUE = 2 ** 31 - 1;

/** What a client does over and over again. */
type Work = (kv: KVClient, client: number) => Promise<void>;

/** Each client puts to keys of its own, and knows what must be there. */
export async function repeatedCrashPutGet(stage: Stage, play: Play): Promise<void> {
  const expected = new Map<string, string>();
  await workWhileCrashing(stage, play, async (kv, client) => {
    const key = String(client * 1_000_000 + stage.choices.integer(0, KEYS - 1));
    const before = expected.get(key);
    if (before !== undefined) await check(kv, key, before);
    const value = String(stage.choices.integer(0, GREATEST_VALUE));
    await kv.put(key, value);
    expected.set(key, value);
  });
  const kv = stage.client('last');
  for (const [key, value] of expected) await check(kv, key, value);
}

/** Each client chains hashes on a key of its own: one that is done twice, or not, breaks the chain. */
export async function repeatedCrashPutHash(stage: Stage, play: Play): Promise<void> {
  const chains = Array.from({ length: CLIENTS }, () => ({ value: '', length: 0 }));
  await workWhileCrashing(stage, play, async (kv, client) => {
    const chain = chains[client] ?? { value: '', length: 0 };
    const next = String(chain.length);
    expect(await kv.putHash(String(client), next), `value before put hash ${next}`).to.equal(chain.value);
    chain.value = fnv1a(`${chain.value}${next}`);
    chain.length += 1;
    await check(kv, String(client), chain.value);
  });
}

/** All clients append to one key. */
export async function repeatedCrashAppend(stage: Stage, play: Play): Promise<void> {
  const appends = new Appends(stage, '0');
  await workWhileCrashing(stage, play, async (kv, client) => {
    await appends.append(kv, client);
    if (stage.choices.integer(0, 9) === 0) await appends.read(kv);
  });
  appends.check(await appends.read(stage.client('last')));
}

async function workWhileCrashing(stage: Stage, play: Play, work: Work): Promise<void> {
  if (play.unreliable !== undefined) stage.unreliable(play.unreliable);
  const names = await startServers(stage, play, 2 + play.backups);
  const endMs = stage.now + LAB_SECONDS * play.secondMs;
  const crashing = crashUntil(stage, play, names, endMs);
  const workers = Array.from({ length: CLIENTS }, async (_, client) => {
    const kv = stage.client(`client${client}`);
    for (let count = 0; ; count++) {
      if (stage.now >= endMs) return count;
      await work(kv, client);
      await stage.sleep(PAUSE_MS);
    }
  });
  const counts = await Promise.all(workers);
  await crashing;
  expect(Math.min(...counts), 'rounds of the slowest client').to.be.greaterThan(0);
  const kv = stage.client('final');
  await kv.put('aaa', 'bbb');
  expect(await read(kv, 'aaa'), 'final put and get').to.equal('bbb');
}

/**
 * The lab waits twice the dead time after each kill and each start, "long enough for new view to form, backup to be initialized".
 * Where messages are lost that may once take longer, and to kill the only server that holds the data is another test: so this
 * waits for the backups too.
 */
async function crashUntil(stage: Stage, { backups }: Play, names: readonly string[], endMs: number): Promise<void> {
  while (stage.now < endMs) {
    const name = stage.choices.pick(names);
    await stage.crash(name);
    await stage.sleep(2 * stage.deadMs);
    await inSync(stage, backups);
    await stage.startServer(name);
    await stage.sleep(2 * stage.deadMs);
    await inSync(stage, backups);
  }
}

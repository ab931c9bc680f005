/** What one key costs in memory: a new primary of each service before and after so many keys. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KVClient } from '@understudy/kvservice';
import { RedisPair } from '../peers/redis.ts';
import { DirectCluster } from './direct-cluster.ts';
import { memoryReport, REPORTING } from './memory.ts';
import { memoryOf } from './processes.ts';

export interface PerKey {
  readonly name: string;
  readonly keys: number;
  /** What the program itself says that it uses: the heap after a collection of garbage, or Redis' used_memory. */
  readonly usedBytes: number;
  /** Growth of what the system has given it. */
  readonly residentBytes: number;
}

const LOADS_IN_FLIGHT = 1_000;
/** Until what the last writes left behind is gone. */
const REST_MS = 500;

export async function understudyPerKey(keys: number, value: string): Promise<PerKey> {
  await using cluster = await DirectCluster.start({ servers: 2, flags: REPORTING });
  const { primary } = await cluster.inSync(1);
  await using kv = new KVClient({ monitors: cluster.monitor });
  await kv.put('first', value);
  const report = () => memoryReport(cluster.serverAt(primary), { collected: true });
  const before = await report();
  await fill(keys, (key) => kv.put(key, value));
  await sleep(REST_MS);
  const after = await report();
  return {
    name: 'understudy',
    keys,
    usedBytes: (after.heapBytes + after.externalBytes - before.heapBytes - before.externalBytes) / keys,
    residentBytes: (after.rssBytes - before.rssBytes) / keys,
  };
}

export async function redisPerKey(keys: number, value: string): Promise<PerKey> {
  await using pair = await RedisPair.start();
  const redis = pair.client(true);
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
  const resident = () => memoryOf(pair.servers.get('primary') ?? 0).present;
  const before = { used: await used(), resident: resident() };
  await fill(keys, (key) => redis.set(key, value));
  await sleep(REST_MS);
  const after = { used: await used(), resident: resident() };
  return {
    name: 'Redis',
    keys,
    usedBytes: (after.used - before.used) / keys,
    residentBytes: (after.resident - before.resident) / keys,
  };
}

async function fill(keys: number, put: (key: string) => Promise<unknown>): Promise<void> {
  let next = 0;
  const load = async () => {
    while (next < keys) await put(`key/${next++}`);
  };
  await Promise.all(Array.from({ length: LOADS_IN_FLIGHT }, load));
}

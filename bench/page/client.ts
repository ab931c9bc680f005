/** One client that begins so many operations a second, evenly, puts and gets in turn; tells each second how many were done. */

import { setTimeout as sleep } from 'node:timers/promises';
import { KVClient } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import type { Orders } from './load.ts';

const KEYS = 10_000;
const VALUE = '.'.repeat(100);
/** Beyond that none is begun: what the machine cannot do is not made up for. */
const MOST_UNDER_WAY = 2_000;

process.on('message', (orders: Orders) => void run(orders));
process.on('disconnect', () => process.exit());

async function run({ monitor, perSecond }: Orders): Promise<void> {
  const kv = new KVClient({ monitors: monitor });
  let [begun, done, underWay] = [0, 0, 0];
  const operate = async () => {
    const key = `key/${Math.floor(Math.random() * KEYS)}`;
    underWay += 1;
    begun += 1;
    try {
      await (begun % 2 === 0 ? kv.get(key) : kv.put(key, VALUE));
      done += 1;
    } catch (error) {
      if (!(error instanceof UnderstudyError && error.name === 'OVERLOADED')) throw error;
    }
    underWay -= 1;
  };
  setInterval(() => {
    process.send?.(done);
    done = 0;
  }, 1_000);
  for (let dueAtMs = performance.now(); ; await sleep(5)) {
    const nowMs = performance.now();
    for (; dueAtMs < nowMs && underWay < MOST_UNDER_WAY; dueAtMs += 1_000 / perSecond) void operate();
    dueAtMs = Math.max(dueAtMs, nowMs);
  }
}

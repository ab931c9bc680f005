/** Large values, so that entries, logs and transfers are large. They are put on keys that no history records. */
import { KVClient } from '@understudy/kvservice';
import type { Fault } from '../field.ts';

const KEYS = 12;
const SIZES = [64 * 1024, 256 * 1024, 1_000_000];

export const bulk: Fault = async (field, random, durationMs) => {
  const [size, count] = [random.pick(SIZES), random.integer(1, KEYS)];
  field.tell(`${count} values of ${size} bytes`);
  await using kv = new KVClient({ monitors: field.cluster.monitor.address });
  const value = 'x'.repeat(size);
  const signal = AbortSignal.timeout(Math.ceil(durationMs));
  for (let number = 0; number < count && !signal.aborted; number += 1) {
    // Whether it gets through in time is not what matters; the recorded clients say whether the service does.
    await kv.put(`bulk/${random.integer(1, KEYS)}`, value, { signal }).catch(() => {});
  }
};

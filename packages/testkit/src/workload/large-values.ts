/** Reads whose answers are too large for one batch: see large-text.ts. */
import type { OperationOptions } from '@understudy/kvservice';
import { type Operator, recorded } from './operator.ts';

/** Reads all keys in use in one turn. They form one batch, whose answer cannot hold all values if some are large. */
export async function getAll(operator: Operator, options: OperationOptions): Promise<void> {
  const { name, kv, keys, recorder } = operator;
  const reads = keys.current.map((key) => {
    const asked = recorder.begin({ client: name, op: 'get', key, value: undefined });
    return recorded(operator, asked, kv.get(key, options), (value) => value ?? null);
  });
  for (const read of await Promise.allSettled(reads)) if (read.status === 'rejected') throw read.reason;
}

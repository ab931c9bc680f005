/** This service: a monitor and a primary; a backup joins. */
import { KVClient } from '@understudy/kvservice';
import { DirectCluster } from '../support/direct-cluster.ts';
import type { Side } from './side.ts';

const LOADS_IN_FLIGHT = 512;

export async function startUnderstudy(keys: number, value: string, flags: readonly string[]): Promise<Side> {
  const cluster = await DirectCluster.start({ servers: 1, flags });
  const { primary } = await cluster.inSync(0);
  const kv = new KVClient({ monitors: cluster.monitor });
  await fill(kv, keys, value);
  return {
    name: 'understudy',
    put: (key, text) => kv.put(key, text),
    primaryPid: cluster.serverAt(primary).pid,
    join: async () => {
      const address = await cluster.addServer();
      return {
        pid: cluster.serverAt(address).pid,
        inSync: () => cluster.inSync(1),
        leave: async () => {
          await cluster.removeServer(address);
          await cluster.inSync(0);
        },
        forkedBytes: async () => 0,
      };
    },
    [Symbol.asyncDispose]: async () => {
      await kv.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

async function fill(kv: KVClient, keys: number, value: string): Promise<void> {
  let next = 0;
  const load = async () => {
    while (next < keys) await kv.put(`state/${next++}`, value);
  };
  await Promise.all(Array.from({ length: LOADS_IN_FLIGHT }, load));
}

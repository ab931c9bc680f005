/** This service: a monitor and three servers, with one backup as `understudy up` has it, or so that two always hold a write. */
import { KVClient } from '@understudy/kvservice';
import { DirectCluster } from '../support/direct-cluster.ts';
import type { Contender, Stage } from './contender.ts';

/** The primary's understudy has everything; the third server is idle, and gets the data after the failover. */
export const ONE_BACKUP: Contender = {
  name: 'understudy',
  start: () => start('understudy', 1, []),
};

/** Nothing is acknowledged that only one server has, not even right after the failover. */
export const TWO_BACKUPS: Contender = {
  name: 'understudy, held by two',
  start: () => start('understudy, held by two', 2, ['--min-backups', '1']),
};

async function start(name: string, backups: number, serverArgs: readonly string[]): Promise<Stage> {
  const cluster = await DirectCluster.start({ servers: 3, backups, serverArgs });
  await cluster.inSync(backups);
  const kv = new KVClient({ monitors: cluster.monitor });
  const client = {
    name,
    put: (key: string, value: string) => kv.put(key, value),
    append: (key: string, piece: string) => kv.append(key, piece),
    get: (key: string) => kv.get(key),
  };
  return {
    clients: [client],
    signalPrimary: async (signal) => {
      const { primary } = await cluster.inSync(backups);
      cluster.serverAt(primary).signal(signal);
    },
    [Symbol.asyncDispose]: async () => {
      await kv.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

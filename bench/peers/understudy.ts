/** This service: monitor, primary and backup; one client. */
import { KVClient } from '@understudy/kvservice';
import { LocalCluster } from '../support/local-cluster.ts';
import type { Peer } from './peer.ts';

/** In memory unless `data` names a directory. */
export async function startUnderstudy(data?: string): Promise<Peer> {
  const cluster = await LocalCluster.start({ servers: 2, ...(data === undefined ? {} : { data }) });
  const { primary, backups } = await cluster.inSync();
  const kv = new KVClient({ monitors: cluster.monitor });
  const servers = new Map([['primary', cluster.pidOf(primary)]]);
  for (const backup of backups) servers.set('backup', cluster.pidOf(backup));
  return {
    name: 'understudy',
    servers,
    put: (key, value) => kv.put(key, value),
    get: (key) => kv.get(key),
    [Symbol.asyncDispose]: async () => {
      await kv.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

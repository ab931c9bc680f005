/** What a test can do with a cluster of its own: look at it, use it, and break it. */
import type { KVClient, KVClientOptions } from '@understudy/kvservice';
import type { Address } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';

/** Who is meant: by role in the newest view, or by address. */
export type Who = 'primary' | 'backup' | 'monitor' | Address;

export interface ClusterServer {
  readonly address: Address;
  /** What the server itself believes to be; `down`: it does not run. */
  readonly role: 'primary' | 'backup' | 'idle' | 'down';
}

/** Failures are UnderstudyErrors: INVALID_PARAMS where `who` names nobody who can be meant, CLOSED after `close()`. */
export interface Cluster extends AsyncDisposable {
  /** For KVClient, and for servers of your own. */
  readonly monitors: readonly Address[];
  readonly monitor: Address;
  /** All that were ever started, in that order. */
  readonly servers: readonly ClusterServer[];
  /** The newest that anybody running knows. */
  readonly view: View;
  /** In that view, as are the backups. One that was just killed is still in it, until the monitor has noticed. */
  readonly primary: Address;
  readonly backups: readonly Address[];
  /** A new client, closed with the cluster; its operations end with TIMEOUT after the cluster's `timeoutMs`, unless set otherwise. */
  client(options?: Omit<KVClientOptions, 'monitors'>): KVClient;
  /** Ends it at once, without a goodbye; what was in its memory alone is gone. Of several backups the first that runs. Resolves with its address. */
  kill(who: Who): Promise<Address>;
  /** Ends it on purpose (V14): a primary hands over first. Resolves with its address when it has ended, within some ten seconds. */
  stop(who: Who): Promise<Address>;
  /** Starts it again with empty memory, or with what its directory holds, at the same address; what still runs is killed first. Resolves when it listens. */
  restart(who: Who): Promise<Address>;
  /** Starts one more server, and resolves with its address when it listens. */
  add(): Promise<Address>;
  /**
   * Resolves with the view when it is acknowledged, has as many backups as wanted, or as there are servers running for, and all
   * in it run and hold the data. Rejects with TIMEOUT, saying how things stand.
   */
  waitUntilInSync(options?: { readonly timeoutMs?: number }): Promise<View>;
  /**
   * Ends everything. May be called again, and at any time. Rejects with INTERNAL_ERROR if a server had stopped by itself:
   * because of a defect, or because another took its address.
   */
  close(): Promise<void>;
}

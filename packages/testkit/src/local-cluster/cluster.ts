/** The cluster that a test gets: the test can inspect it, use it, and break it. */
import type { KVClient, KVClientOptions } from '@understudy/kvservice';
import type { Address } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';

/** Names a node by its role in the newest view, or by its address. */
export type Who = 'primary' | 'backup' | 'monitor' | Address;

export interface ClusterServer {
  readonly address: Address;
  /** The server's own opinion. `down`: it does not run. */
  readonly role: 'primary' | 'backup' | 'idle' | 'down';
}

/** Failures are UnderstudyErrors: INVALID_PARAMS if `who` names no node, CLOSED after `close()`. */
export interface Cluster extends AsyncDisposable {
  /** Pass these to a KVClient, or to servers of your own. */
  readonly monitors: readonly Address[];
  readonly monitor: Address;
  /** All servers that were ever started, in that order. */
  readonly servers: readonly ClusterServer[];
  /** The newest view that any running node knows. */
  readonly view: View;
  /** The primary and backups of that view. A server that was just killed stays in it until the monitor has noticed. */
  readonly primary: Address;
  readonly backups: readonly Address[];
  /**
   * A new client, which is closed with the cluster. Its operations end with TIMEOUT after the cluster's `timeoutMs`,
   * unless set otherwise.
   */
  client(options?: Omit<KVClientOptions, 'monitors'>): KVClient;
  /**
   * Ends the node at once, without a goodbye; what was only in memory is lost. Of several backups, the first running
   * one. Resolves with its address.
   */
  kill(who: Who): Promise<Address>;
  /**
   * Ends the node on purpose (V14); a primary hands over first. Resolves with its address when it has ended, within
   * about ten seconds.
   */
  stop(who: Who): Promise<Address>;
  /**
   * Starts the node again at the same address, with empty memory or with the data in its directory. Kills it first if
   * it still runs. Resolves when it listens.
   */
  restart(who: Who): Promise<Address>;
  /** Starts one more server. Resolves with its address when it listens. */
  add(): Promise<Address>;
  /**
   * Resolves with the view once it is acknowledged, has as many backups as wanted (or as the running servers allow),
   * and all its members run and hold the data. Rejects with TIMEOUT, and describes the situation.
   */
  waitUntilInSync(options?: { readonly timeoutMs?: number }): Promise<View>;
  /**
   * Ends everything. May be called repeatedly and at any time. Rejects with INTERNAL_ERROR if a server had stopped by
   * itself, because of a defect or because another process took its address.
   */
  close(): Promise<void>;
}

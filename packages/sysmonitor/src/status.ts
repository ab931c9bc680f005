/**
 * The result of `sysmonitor.status`: the view, every known server, the recent view changes, and what the monitor waits
 * for.
 */
import type { Cause } from './cause.ts';
import type { Position, View } from './contract.ts';

export interface MonitorStatus {
  /**
   * `listening`: started without a view; waits to hear whether servers of an earlier view exist (V1, V12).
   * `recovering`: they exist, and the monitor waits until they have reported enough. `serving`: it decides about views.
   */
  readonly phase: 'listening' | 'recovering' | 'serving';
  /** viewnum 0 unless serving. */
  readonly view: View;
  /** The primary has confirmed that it and every backup hold the data (V7). */
  readonly acknowledged: boolean;
  /** The servers that hold everything committed, and so may become primary (V3). */
  readonly safe: readonly string[];
  readonly waiting: Waiting;
  /** The number of backups that a view should have. */
  readonly backupsWanted: number;
  /** Every known server: members of the view first, then by address. */
  readonly servers: readonly ServerSighting[];
  /** The last view changes, the newest last. */
  readonly history: readonly ViewChange[];
}

/**
 * What must happen next, and at which servers. There is no service only for `reports`, `survivors`, `first-server` and
 * `data`.
 */
export type Waiting =
  | { readonly kind: 'nothing'; readonly servers: readonly string[] }
  /** (V1) The monitor listens for `forMs` more milliseconds. */
  | { readonly kind: 'survivors'; readonly servers: readonly string[]; readonly forMs: number }
  | { readonly kind: 'first-server'; readonly servers: readonly string[] }
  /** (V12) Members of view `viewnum` that have not reported with their data. 0 if no report named a view. */
  | {
      readonly kind: 'reports';
      readonly servers: readonly string[];
      readonly viewnum: number;
      /**
       * The servers that reported data, the most up to date first. An operator may choose to continue from one of them.
       */
      readonly holders: readonly string[];
    }
  /** (V7) The primary must acknowledge the view. */
  | { readonly kind: 'acknowledgement'; readonly servers: readonly string[] }
  /** (V8) The primary is dead; the view changes at the next ping of its successor. */
  | { readonly kind: 'successor'; readonly servers: readonly string[] }
  /**
   * (V4) The primary is dead, and no other live server holds everything. The view changes when one of these returns.
   */
  | { readonly kind: 'data'; readonly servers: readonly string[] }
  /** (V6) The view has fewer backups than wanted, and no idle server can join. */
  | { readonly kind: 'backup'; readonly servers: readonly string[] };

export type Condition = 'alive' | 'silent' | 'lost-data' | 'leaving';
export type ServerRole = 'primary' | 'backup' | 'idle';

/** One server as the monitor sees it. */
export interface ServerSighting {
  readonly server: string;
  readonly role: ServerRole;
  readonly syncing: boolean;
  readonly condition: Condition;
  /** Milliseconds since the server's last ping; null if the monitor has not heard it since its own start. */
  readonly lastPingMs: number | null;
  /** This and the following fields come from the server's last ping, except `confirmed`. */
  readonly incarnation: string;
  /** The server has confirmed at its address that it sends these pings. */
  readonly confirmed: boolean;
  readonly viewnum: number;
  readonly priority: number;
  readonly position?: Position;
}

export interface ViewChange {
  readonly view: View;
  readonly causes: readonly Cause[];
  /** Milliseconds since the change. */
  readonly agoMs: number;
}

/**
 * The servers whose pages may call this monitor, and that its page calls. A name that somebody put into a ping is not
 * enough for that.
 */
export function confirmedServers({ servers }: MonitorStatus): readonly string[] {
  return servers.filter(({ confirmed, role }) => confirmed || role !== 'idle').map(({ server }) => server);
}

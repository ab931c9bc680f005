/** What `sysmonitor.status` answers: the view, every known server, the recent past, and what the monitor waits for. */
import type { Cause } from './cause.ts';
import type { Position, View } from './contract.ts';

export interface MonitorStatus {
  /**
   * `listening`: started without a view, hears first whether servers of an earlier one are there (V1, V12);
   * `recovering`: they are, and it waits until they have told enough; `serving`: it decides about views.
   */
  readonly phase: 'listening' | 'recovering' | 'serving';
  /** viewnum 0 unless serving. */
  readonly view: View;
  /** The primary has said that it and every backup hold the data (V7). */
  readonly acknowledged: boolean;
  /** Who holds everything committed, and so may become primary (V3). */
  readonly safe: readonly string[];
  readonly waiting: Waiting;
  /** Backups that a view should have. */
  readonly backupsWanted: number;
  /** Every known server: members of the view first, then by address. */
  readonly servers: readonly ServerSighting[];
  /** The last view changes, the newest last. */
  readonly history: readonly ViewChange[];
}

/** What has to happen next, and by whom. Only `reports`, `survivors`, `first-server` and `data` mean that there is no service. */
export type Waiting =
  | { readonly kind: 'nothing'; readonly servers: readonly string[] }
  /** (V1) Listens for `forMs` milliseconds more. */
  | { readonly kind: 'survivors'; readonly servers: readonly string[]; readonly forMs: number }
  | { readonly kind: 'first-server'; readonly servers: readonly string[] }
  /** (V12) Members of view `viewnum` that have not reported with their data; 0 where no report named a view. */
  | {
      readonly kind: 'reports';
      readonly servers: readonly string[];
      readonly viewnum: number;
      /** Who did report data, the one that holds the most first: an operator may want to go on from that. */
      readonly holders: readonly string[];
    }
  /** (V7) By the primary. */
  | { readonly kind: 'acknowledgement'; readonly servers: readonly string[] }
  /** (V8) The primary is dead; the ping of its successor makes the change. */
  | { readonly kind: 'successor'; readonly servers: readonly string[] }
  /** (V4) The primary is dead and nobody else who is here holds everything: the view stands still until one of these returns. */
  | { readonly kind: 'data'; readonly servers: readonly string[] }
  /** (V6) Fewer backups than wanted, and no idle server to join. */
  | { readonly kind: 'backup'; readonly servers: readonly string[] };

export type Condition = 'alive' | 'silent' | 'lost-data' | 'leaving';
export type ServerRole = 'primary' | 'backup' | 'idle';

/** One server as the monitor sees it. */
export interface ServerSighting {
  readonly server: string;
  readonly role: ServerRole;
  readonly syncing: boolean;
  readonly condition: Condition;
  /** Milliseconds since its last ping; null when the monitor has not heard it since its own start. */
  readonly lastPingMs: number | null;
  /** As its last ping told, as are the following. */
  readonly incarnation: string;
  /** The server has confirmed at its address that its pings are its own. */
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

/** Whose pages may ask here, and whom a page asks: a name that somebody put into a ping is not enough for that. */
export function confirmedServers({ servers }: MonitorStatus): readonly string[] {
  return servers.filter(({ confirmed, role }) => confirmed || role !== 'idle').map(({ server }) => server);
}

/** The wire types of the view service: views and pings, and the two constants of the lab. */

/** The default for the milliseconds between two pings of a server. */
export const PING_INTERVAL = 100;
/** The default for the number of ping intervals without a ping after which a server is silent. */
export const DEAD_PINGS = 5;
/** The highest allowed viewnum. It leaves room above every view for a rebuilt one (V12). */
export const MAX_VIEWNUM = 2 ** 52;

/** Names the primary and the backups. Before the first view: viewnum 0, primary "". */
export interface View {
  readonly viewnum: number;
  /** The primary's address; "" if there is none. */
  readonly primary: string;
  readonly backups: readonly string[];
  /** The backups that do not hold all the data yet. */
  readonly syncing: readonly string[];
  /** The cluster's id, drawn once, with view 1. */
  readonly cluster?: string;
  /** The incarnation that holds each seat, by address. */
  readonly incarnations?: Readonly<Record<string, string>>;
}

/** The last entry of a log. Positions are compared by viewnum first, then by index (R10). */
export interface Position {
  readonly viewnum: number;
  readonly index: number;
}

/** What a server reports to the monitor with every ping (V11). */
export interface Ping {
  readonly server: string;
  /** The highest view that this server has fulfilled (V7); 0 if it holds no data. */
  readonly viewnum: number;
  readonly incarnation?: string;
  /**
   * Only this incarnation knows it. The server at the address can confirm with it that it sent the ping. It is never
   * shown.
   */
  readonly secret?: string;
  /** Counts the pings of one incarnation. */
  readonly seq?: number;
  readonly cluster?: string;
  readonly position?: Position;
  /** Among safe servers, the one with the highest priority is promoted first. */
  readonly priority?: number;
  /** Backups that have not answered the primary for too long (V13). */
  readonly lost?: readonly string[];
  /** The newest view that this server knows, for a monitor that lost its state (V12). */
  readonly view?: View;
  /** The server leaves on purpose (V14): it counts as dead from now on. */
  readonly leaving?: boolean;
}

/** What a server answers at its own address to `kv.identity`. */
export interface Identity {
  readonly server: string;
  readonly incarnation: string;
  /** The newest view that the server knows, with the cluster's id. */
  readonly view: View;
  /** Whether the secret in the question is the server's own. */
  readonly isOwnSecret: boolean;
}

/** The result of `sysmonitor.ping`. */
export interface PingAnswer {
  readonly view: View;
  /** The monitor knows no other server that is alive and not leaving (V14). */
  readonly alone?: true;
}

/** The view before the first one. */
export const NO_VIEW: View = { viewnum: 0, primary: '', backups: [], syncing: [] };

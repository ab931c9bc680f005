/** The wire of the view service: views, pings, and the two constants of the lab. */

/** Milliseconds between two pings of a server, unless set otherwise. */
export const PING_INTERVAL = 100;
/** Ping intervals without a ping after which a server counts as silent, unless set otherwise. */
export const DEAD_PINGS = 5;
/** No view has a higher number, so that there is room above every one (V12). */
export const MAX_VIEWNUM = 2 ** 52;

/** Who is primary and who is backup. Before the first view: viewnum 0, primary "". */
export interface View {
  readonly viewnum: number;
  /** The primary's address; "" when there is none. */
  readonly primary: string;
  readonly backups: readonly string[];
  /** The backups that do not hold all the data yet. */
  readonly syncing: readonly string[];
  /** Drawn once, with view 1. */
  readonly cluster?: string;
  /** By address: the run of the server process that holds the seat. */
  readonly incarnations?: Readonly<Record<string, string>>;
}

/** The last entry of a log: compared by viewnum first, then by index (R10). */
export interface Position {
  readonly viewnum: number;
  readonly index: number;
}

/** What a server tells the monitor with every ping (V11). */
export interface Ping {
  readonly server: string;
  /** The highest view that this server has fulfilled (V7); 0: it holds no data. */
  readonly viewnum: number;
  readonly incarnation?: string;
  /** Known to that run alone: who asks it at its address whether this is its own learns whether it sent the ping. Never shown. */
  readonly secret?: string;
  /** Counts the pings of one incarnation. */
  readonly seq?: number;
  readonly cluster?: string;
  readonly position?: Position;
  /** Among safe servers the highest is promoted first. */
  readonly priority?: number;
  /** Backups that have not answered the primary for too long (V13). */
  readonly lost?: readonly string[];
  /** The newest view that this server knows, for a monitor that lost its state (V12). */
  readonly view?: View;
  /** The server leaves on purpose (V14): it counts as dead from now on. */
  readonly leaving?: boolean;
}

/** What a server says of itself to whoever asks at its address (`kv.identity`). */
export interface Identity {
  readonly server: string;
  readonly incarnation: string;
  /** The newest view that it knows, with the cluster. */
  readonly view: View;
  /** Whether the secret that it was asked about is its own. */
  readonly isOwnSecret: boolean;
}

/** What `sysmonitor.ping` answers. */
export interface PingAnswer {
  readonly view: View;
  /** The monitor knows of no other server that is alive and stays (V14). */
  readonly alone?: true;
}

/** Before the first view. */
export const NO_VIEW: View = { viewnum: 0, primary: '', backups: [], syncing: [] };

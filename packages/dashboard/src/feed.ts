/** The feed of a node: its three kinds of events. */

/**
 * What a node tells of itself at `GET /events`, as server-sent events. Each is of one of three kinds, its `data` one line of JSON.
 *
 * ```
 * event: hello     data: Hello      first, once per connection
 * event: notice    data: Notice     pushed at once when something happened
 * event: sample    data: Sample     after `hello`; then at most 4 a second when something changed, and once a second at rest
 * ```
 *
 * Requests for keys go to servers: a monitor answers with a redirect, which a browser does not follow with the page's own origin.
 *
 * A node speaks for itself only: whoever wants to see a cluster listens to each of its nodes. When a connection ends, an EventSource comes
 * back by itself and gets another `hello`; `since` and `seq` tell which notices it has already.
 */

/** `control`: no node of the cluster, but the process of `understudy up --chaos`, at the address that `Hello.chaos` names. */
export type NodeKind = 'server' | 'monitor' | 'control';

export interface Hello {
  /** The address by which the others know this node. A monitor that listens everywhere (0.0.0.0) gives the host that it was asked by. */
  readonly node: string;
  readonly kind: NodeKind;
  /** Milliseconds since 1970 on the node's wall clock, as `at` below. */
  readonly now: number;
  /** When this run of the node began. Another one than before: it was restarted, and its `seq` begins anew. */
  readonly since: number;
  /** The id of the cluster, once it is known. */
  readonly cluster?: string;
  readonly monitors: readonly string[];
  /** All nodes that this one knows, itself and monitors included. Pages of these may read here, and a page that came from here may read those. */
  readonly nodes: readonly string[];
  readonly pingIntervalMs: number;
  /** Ping intervals without a ping after which a server counts as silent. */
  readonly deadPings: number;
  /** Where the control of `understudy up --chaos` listens (`GET /events`, `GET /chaos`, `PUT /chaos/ACTION`); only there. */
  readonly chaos?: string;
  /** The last notices, at most 200, oldest first. */
  readonly history: readonly Notice[];
}

/** How much a notice matters; `debug` is for those who look for details. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

/** What a notice says to people. */
export interface Telling {
  readonly level: Level;
  readonly text: string;
}

export interface Notice extends Telling {
  /** Counts the notices of one run of the node, from 1 on. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /**
   * As an object: of a monitor a `MonitorNotice` of `@understudy/sysmonitor` (`view` with its `causes`, `acknowledged`, `server`, `waiting`,
   * ...), of a server a `ServerNotice` of `@understudy/kvservice` (`view` with its `role`, `serving`, `sync-started`, `sync-progress` once per
   * tenth, `sync-restarted`, `synced`, `backup-lost`, `leaving`, `stopped`, ...), of the control `{ kind: 'chaos', action, node? }` for
   * what it did, and `{ kind, node }` for a process that `started`, `ended`, or was `not-restarted`.
   */
  readonly notice: { readonly kind: string };
}

export type Sample = MonitorSample | ServerSample | ControlSample;

export interface MonitorSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'monitor';
  /** As `GET /status` of a monitor, with `lastPingMs` of each server as of `at`, but without `history`: that is what the notices tell. */
  readonly status: object;
  readonly calls: Calls;
}

export interface ServerSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'server';
  /**
   * As `GET /status` of a server: `ServerStatus`, with `role`, `view`, `ready`, `position`, `commitIndex`, `keys`, `sessions`,
   * `rememberedResults`, `backups` (`lag`, `syncing`, `transfer: { sent, total }`) and `counters` (`duplicatesAnswered`, ...).
   */
  readonly status: object;
  /** Operations of clients, by their short names (`get`, `put`, ...). */
  readonly calls: Calls;
  /** Operations that wait for their answers. */
  readonly queues: {
    readonly writes: number;
    readonly reads: number;
    readonly localReads: number;
    readonly http: number;
  };
  /** How long a primary may still answer reads without asking its backups; null where it needs no lease, or is no primary. */
  readonly leaseRemainingMs: number | null;
}

/** Requests that a node answered. */
export interface Calls {
  /** Since the node began, by name. */
  readonly byMethod: Readonly<Record<string, number>>;
  /** Since the node began: answered with a failure, by its name. */
  readonly failures: Readonly<Record<string, number>>;
  /** Of the last second, or of as much of it as was watched; undefined in the first sample after nobody looked. */
  readonly lately?: {
    readonly perSecond: number;
    /** Estimated from a histogram; null where nothing was answered. */
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
  };
}

/** Of `understudy up --chaos`; what `GET /chaos` answers, too, without `at` and `kind`. */
export interface ControlSample extends ChaosState {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'control';
}

/**
 * What `GET /chaos` and every `PUT /chaos/ACTION?...` (text/plain, the body does not matter) answer. ACTION is one of `kill`, `pause`,
 * `resume`, `restart`, `heal` with `?node=HOST:PORT`; `cut` with `&from=monitor|servers|both` besides; `load` with `?rate=N`, 0 for none. What
 * cannot be done is answered with 400 or 404 and an error object whose `message` says why.
 */
export interface ChaosState {
  readonly nodes: readonly ChaosNode[];
  readonly load: ChaosLoad;
}

export interface ChaosNode {
  readonly node: string;
  readonly kind: 'monitor' | 'server';
  /** `dead` comes back by `restart`, or by itself where it died without being told to. */
  readonly state: 'starting' | 'running' | 'paused' | 'dead';
  /** 0 where there is no process. */
  readonly pid: number;
  /** From whom it is cut off. */
  readonly cutFrom: readonly ('monitor' | 'servers')[];
}

/** Puts and gets, half of each, of keys `load/000` to `load/999`. */
export interface ChaosLoad {
  /** Operations per second that are begun; 0: none. */
  readonly rate: number;
  /** Since the beginning. */
  readonly done: number;
  readonly failed: number;
  /** Begun and not ended. */
  readonly underWay: number;
}

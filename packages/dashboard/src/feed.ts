/** The types of a node's event feed: `hello`, `notice` and `sample`. */

/**
 * The server-sent events that a node sends at `GET /events`. There are three kinds. The `data` of each is one line of
 * JSON.
 *
 * ```
 * event: hello     data: Hello      first, once per connection
 * event: notice    data: Notice     pushed at once when something happened
 * event: sample    data: Sample     after `hello`; then at most 4 a second on changes, and once a second at rest
 * ```
 *
 * Requests for keys go to servers. A monitor answers them with a redirect, which a browser does not follow with the
 * page's own origin.
 *
 * A node reports only itself, so a viewer of a cluster connects to each of its nodes. When a connection ends, an
 * EventSource reconnects by itself and gets another `hello`. `since` and `seq` then tell which notices it already has.
 */

/** `control`: not a node of the cluster but the process of `understudy up --chaos`, at the address in `Hello.chaos`. */
export type NodeKind = 'server' | 'monitor' | 'control';

export interface Hello {
  /**
   * The address by which the others know this node. A monitor that listens everywhere (0.0.0.0) gives the host of the
   * request.
   */
  readonly node: string;
  readonly kind: NodeKind;
  /** Milliseconds since 1970 on the node's wall clock, like `at` below. */
  readonly now: number;
  /** When this run of the node began. If it differs from before, the node was restarted, and its `seq` begins anew. */
  readonly since: number;
  /** The cluster's id, once it is known. */
  readonly cluster?: string;
  readonly monitors: readonly string[];
  /**
   * All nodes that this one knows, including itself and monitors. Their pages may read here, and a page from here may
   * read those nodes.
   */
  readonly nodes: readonly string[];
  readonly pingIntervalMs: number;
  /** The number of ping intervals without a ping after which a server counts as silent. */
  readonly deadPings: number;
  /**
   * The address of the control of `understudy up --chaos` (`GET /events`, `GET /chaos`, `PUT /chaos/ACTION`). Only
   * present there.
   */
  readonly chaos?: string;
  /** The last notices, at most 200, oldest first. */
  readonly history: readonly Notice[];
}

/** The importance of a notice. `debug` is for details. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

/** A notice as text for people. */
export interface Telling {
  readonly level: Level;
  readonly text: string;
}

export interface Notice extends Telling {
  /** Counts the notices of one run of the node, from 1. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /**
   * The notice as an object. Of a monitor: a `MonitorNotice` of `@understudy/sysmonitor` (`view` with its `causes`,
   * `acknowledged`, `server`, `waiting`, ...). Of a server: a `ServerNotice` of `@understudy/kvservice` (`view` with
   * its `role`, `serving`, `sync-started`, `sync-progress` once per tenth, `sync-restarted`, `synced`, `backup-lost`,
   * `leaving`, `stopped`, ...). Of the control: `{ kind: 'chaos', action, node? }` for what it did, and `{ kind, node
   * }` for a process that `started`, `ended`, or was `not-restarted`.
   */
  readonly notice: { readonly kind: string };
}

export type Sample = MonitorSample | ServerSample | ControlSample;

export interface MonitorSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'monitor';
  /**
   * As in `GET /status` of a monitor, with `lastPingMs` of each server as of `at`. Without `history`, because the
   * notices contain it.
   */
  readonly status: object;
  readonly calls: Calls;
}

export interface ServerSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'server';
  /**
   * As in `GET /status` of a server: `ServerStatus`, with `role`, `view`, `ready`, `position`, `commitIndex`, `keys`,
   * `sessions`, `rememberedResults`, `backups` (`lag`, `syncing`, `transfer: { sent, total }`) and `counters`
   * (`duplicatesAnswered`, ...).
   */
  readonly status: object;
  /** Operations of clients, by short name (`get`, `put`, ...). */
  readonly calls: Calls;
  /** Operations that wait for their answers. */
  readonly queues: {
    readonly writes: number;
    readonly reads: number;
    readonly localReads: number;
    readonly http: number;
  };
  /**
   * How long a primary may still answer reads without asking its backups. Null if it needs no lease, or is not primary.
   */
  readonly leaseRemainingMs: number | null;
}

/** Requests that a node answered. */
export interface Calls {
  /** Since the node began, by name. */
  readonly byMethod: Readonly<Record<string, number>>;
  /** Failures answered since the node began, by the failure's name. */
  readonly failures: Readonly<Record<string, number>>;
  /**
   * Over the last second, or the part of it that was observed. Undefined in the first sample after a time without
   * viewers.
   */
  readonly lately?: {
    readonly perSecond: number;
    /** Estimated from a histogram; null if nothing was answered. */
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
  };
}

/** The state of `understudy up --chaos`. `GET /chaos` answers the same without `at` and `kind`. */
export interface ControlSample extends ChaosState {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'control';
}

/**
 * The answer to `GET /chaos` and to every `PUT /chaos/ACTION?...` (text/plain, any body). ACTION is `kill`, `pause`,
 * `resume`, `restart` or `heal` with `?node=HOST:PORT`; `cut`, which also takes `&from=monitor|servers|both`; or `load`
 * with `?rate=N`, where 0 stops it. An impossible action is answered with 400 or 404 and an error object whose
 * `message` gives the reason.
 */
export interface ChaosState {
  readonly nodes: readonly ChaosNode[];
  readonly load: ChaosLoad;
}

export interface ChaosNode {
  readonly node: string;
  readonly kind: 'monitor' | 'server';
  /** A `dead` process returns by `restart`, or by itself if it died without being told to. */
  readonly state: 'starting' | 'running' | 'paused' | 'dead';
  /** 0 if there is no process. */
  readonly pid: number;
  /** The nodes from which it is cut off. */
  readonly cutFrom: readonly ('monitor' | 'servers')[];
}

/** Puts and gets, half of each, of the keys `load/000` to `load/999`. */
export interface ChaosLoad {
  /** Operations begun per second; 0 for none. */
  readonly rate: number;
  /** Since the beginning. */
  readonly done: number;
  readonly failed: number;
  /** Operations begun and not ended. */
  readonly underWay: number;
}

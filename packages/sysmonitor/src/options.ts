/** The options of a monitor: reads and checks them, and fills in the defaults. */
import { type PageOptions, pageOptionsOf } from '@understudy/dashboard';
import {
  type Address,
  fields,
  hostNamesOf,
  type OptionNames,
  parseAddress,
  realWorld,
  refuseUnknownOptions,
  UnderstudyError,
  type World,
} from '@understudy/rpc';
import { DEAD_PINGS, PING_INTERVAL, type Ping } from './contract.ts';
import { MAX_STRANGERS } from './core/roster.ts';
import type { MonitorState } from './core/state.ts';
import type { MonitorNotice } from './notice.ts';

export interface MonitorOptions {
  /** `host:port`; port 0 picks a free port. */
  readonly listen: Address;
  /** The number of backups that a view should have. Default 1. */
  readonly backups?: number;
  /** Milliseconds between two pings of a server. Must equal the servers' setting. Default 100. */
  readonly pingInterval?: number;
  /** The number of ping intervals without a ping after which a server is silent. Default 5. */
  readonly deadPings?: number;
  /**
   * The number of servers remembered besides the members of the view. Further servers are refused while all are alive.
   * Default 100.
   */
  readonly maxServers?: number;
  /**
   * No server can know an earlier view, so do not listen for one first (V12). Only matters if `dataDir` has never held
   * a view. Default false.
   */
  readonly newCluster?: boolean;
  /**
   * Trust neither the data in `dataDir` nor its absence. Wait until the servers have reported everything, or until
   * `Monitor.overrule` (V12). Default false.
   */
  readonly recover?: boolean;
  /** The directory for the state (V9). Without one, a restarted monitor must learn the state from its servers (V12). */
  readonly dataDir?: string;
  /**
   * Host names under which the monitor accepts HTTP requests, besides its own address and those of known nodes.
   * Default: none.
   */
  readonly allowHosts?: readonly string[];
  /** Serve the web page and its event feed (`/`, `/dashboard/`, `/events`). Default true. */
  readonly dashboard?: boolean | PageOptions;
  /** Clock, randomness and network. Default: the real ones. */
  readonly world?: World;
  /** Called with each notice as it happens. Must not throw. */
  readonly onNotice?: (notice: MonitorNotice) => void;
  /** Returns how many records the log of this process had to drop so far, for `/metrics`. Default: none. */
  readonly droppedLogRecords?: () => number;
  /** Called after every step, for simulations and traces. Costs time; must not throw. */
  readonly onStep?: (step: MonitorStep) => void;
}

const MONITOR_OPTIONS: OptionNames<MonitorOptions> = {
  listen: true,
  backups: true,
  pingInterval: true,
  deadPings: true,
  maxServers: true,
  newCluster: true,
  recover: true,
  dataDir: true,
  allowHosts: true,
  dashboard: true,
  world: true,
  onNotice: true,
  droppedLogRecords: true,
  onStep: true,
};

export interface MonitorSettings {
  readonly listen: Address;
  readonly backups: number;
  readonly pingInterval: number;
  readonly deadPings: number;
  readonly maxServers: number;
  readonly newCluster: boolean;
  readonly recover: boolean;
  readonly dataDir: string | undefined;
  readonly allowHosts: readonly string[];
  /** Undefined if the page is off. */
  readonly dashboard: PageOptions | undefined;
  readonly world: World;
  readonly ownsWorld: boolean;
  readonly onNotice: (notice: MonitorNotice) => void;
  readonly droppedLogRecords: () => number;
  readonly onStep: ((step: MonitorStep) => void) | undefined;
}

/** A ping or a tick, reported after it was taken and before it is answered. */
export interface MonitorStep {
  /** Undefined for a tick. */
  readonly ping: Ping | undefined;
  /** The answer is a failure. If the monitor has a view, the ping changed nothing. Absent for a tick. */
  readonly isRefused?: boolean;
  readonly notices: readonly MonitorNotice[];
  /** Undefined if there is no view, or it is not rebuilt yet. */
  readonly state: MonitorState | undefined;
}

/** Throws INVALID_PARAMS, which names the option. */
export function settingsOf(options: MonitorOptions): MonitorSettings {
  const given = { ...options };
  refuseUnknownOptions(given, MONITOR_OPTIONS, 'startMonitor');
  const { listen } = given;
  parseAddress(listen, 'listen');
  const newCluster = fields.optionalBoolean(given, 'newCluster') ?? false;
  const recover = fields.optionalBoolean(given, 'recover') ?? false;
  if (newCluster && recover) {
    const message = 'recover: a new cluster has nothing to recover; leave newCluster out';
    throw new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'recover' } });
  }
  return {
    listen,
    backups: fields.optionalWhole(given, 'backups', { max: 100 }) ?? 1,
    pingInterval: fields.optionalWhole(given, 'pingInterval', { min: 1, max: 60_000 }) ?? PING_INTERVAL,
    deadPings: fields.optionalWhole(given, 'deadPings', { min: 1, max: 1_000 }) ?? DEAD_PINGS,
    maxServers: fields.optionalWhole(given, 'maxServers', { min: 1, max: 10_000 }) ?? MAX_STRANGERS,
    newCluster,
    recover,
    dataDir: fields.optionalText(given, 'dataDir', { nonEmpty: true }),
    allowHosts: hostNamesOf(options.allowHosts),
    dashboard: pageOptionsOf(options.dashboard),
    world: options.world ?? realWorld(),
    ownsWorld: options.world === undefined,
    onNotice: options.onNotice ?? (() => {}),
    droppedLogRecords: options.droppedLogRecords ?? (() => 0),
    onStep: options.onStep,
  };
}

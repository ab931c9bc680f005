/** The options of a server, checked, with their defaults. */
import { type PageOptions, pageOptionsOf } from '@understudy/dashboard';
import {
  type Address,
  heldLimits,
  hostNamesOf,
  isServerName,
  type OptionNames,
  parseAddress,
  parseAddresses,
  realWorld,
  refuseUnknownOptions,
  UnderstudyError,
  type World,
} from '@understudy/rpc';
import { DEAD_PINGS, PING_INTERVAL } from '@understudy/sysmonitor';
import { DRIFT, type Limits } from './core/config.ts';
import type { ReplicaStep } from './core/inspection.ts';
import { checkMaxMemory, defaultMaxMemory, limitsWithin } from './memory-bound.ts';
import type { ServerNotice } from './notice.ts';
import { DEFAULT_BOUNDS, type TextBounds } from './params.ts';

export interface ServerOptions {
  /** `host:port`; port 0 picks a free one. */
  readonly listen: Address;
  readonly monitors: string | readonly string[];
  /** The name of this server for everybody; the address it listens at, unless set. */
  readonly advertise?: Address;
  /** Among the servers that may be promoted the highest is first. Default 0. */
  readonly priority?: number;
  /** Refuse writes (NOT_READY) while fewer backups hold the data. Default 0. */
  readonly minBackups?: number;
  /** Milliseconds of a read lease; two ping intervals unless set. Must be the same on all servers. */
  readonly lease?: number;
  /** Milliseconds; must be the monitor's. */
  readonly pingInterval?: number;
  /** Must be the monitor's. */
  readonly deadPings?: number;
  /** Milliseconds after which a session that nobody uses ends. Default ten minutes. */
  readonly sessionTtl?: number;
  /** Milliseconds that a server which leaves waits at most until a server that stays holds its data (V14). Default ten seconds. */
  readonly leaveTimeout?: number;
  readonly maxKeyBytes?: number;
  readonly maxValueBytes?: number;
  /**
   * Bytes that this server may hold: its data twice, its log, sessions, and what waits. Near it, writes are refused (NO_SPACE). Default: half of
   * what V8 may use for objects that live long.
   */
  readonly maxMemory?: number;
  readonly limits?: Partial<Limits>;
  /** Where to keep the data, so that it is there again after a restart; unless set it is in memory only. */
  readonly dataDir?: string;
  /** Host names under which this server takes HTTP requests, besides its own name and those of the nodes that it knows. Default: none. */
  readonly allowHosts?: readonly string[];
  /** Serve the web page, and the feed behind it (`/`, `/dashboard/`, `/events`). Default true. */
  readonly dashboard?: boolean | PageOptions;
  readonly world?: World;
  readonly onNotice?: (notice: ServerNotice) => void;
  /** How many records the log of this process could not take so far, for `/metrics`. Default: none. */
  readonly droppedLogRecords?: () => number;
  /** Sees every step of the replica, as simulations and traces want to. Costs time; must not throw. */
  readonly onStep?: (step: ReplicaStep) => void;
}

const SERVER_OPTIONS: OptionNames<ServerOptions> = {
  listen: true,
  monitors: true,
  advertise: true,
  priority: true,
  minBackups: true,
  lease: true,
  pingInterval: true,
  deadPings: true,
  sessionTtl: true,
  leaveTimeout: true,
  maxKeyBytes: true,
  maxValueBytes: true,
  maxMemory: true,
  limits: true,
  dataDir: true,
  allowHosts: true,
  dashboard: true,
  world: true,
  onNotice: true,
  droppedLogRecords: true,
  onStep: true,
};

export interface ServerSettings {
  readonly listen: Address;
  readonly advertise: Address | undefined;
  readonly monitors: readonly Address[];
  readonly priority: number;
  readonly minBackups: number;
  readonly leaseMs: number;
  readonly pingIntervalMs: number;
  readonly deadPings: number;
  readonly sessionTtlMs: number;
  readonly leaveTimeoutMs: number;
  readonly bounds: TextBounds;
  readonly maxMemory: number;
  readonly limits: Limits;
  readonly dataDir: string | undefined;
  readonly allowHosts: readonly string[];
  /** Undefined: no page. */
  readonly dashboard: PageOptions | undefined;
  readonly world: World;
  readonly ownsWorld: boolean;
  readonly onNotice: (notice: ServerNotice) => void;
  readonly droppedLogRecords: () => number;
  readonly onStep: ((step: ReplicaStep) => void) | undefined;
}

/** Throws INVALID_PARAMS naming the option. */
export function settingsOf(options: ServerOptions): ServerSettings {
  refuseUnknownOptions(options, SERVER_OPTIONS, 'startServer');
  const pingIntervalMs = positive('pingInterval', options.pingInterval ?? PING_INTERVAL);
  const deadPings = positive('deadPings', options.deadPings ?? DEAD_PINGS);
  const leaseMs = positive('lease', options.lease ?? 2 * pingIntervalMs);
  if (leaseMs * DRIFT >= deadPings * pingIntervalMs) {
    throw invalid(
      'lease',
      `lease times ${DRIFT} must be shorter than deadPings x pingInterval = ${deadPings * pingIntervalMs} ms`,
    );
  }
  const maxMemory = checkMaxMemory(positive('maxMemory', options.maxMemory ?? defaultMaxMemory()));
  const maxValueBytes = positive('maxValueBytes', options.maxValueBytes ?? DEFAULT_BOUNDS.maxValueBytes);
  parseAddress(options.listen, 'listen');
  if (
    options.advertise !== undefined &&
    parseAddress(options.advertise, 'advertise') &&
    !isServerName(options.advertise)
  ) {
    throw invalid(
      'advertise',
      `advertise: ${JSON.stringify(options.advertise)} is not what others can take for the name of a server`,
    );
  }
  return {
    listen: options.listen,
    advertise: options.advertise,
    monitors: parseAddresses(options.monitors, 'monitors'),
    priority: whole('priority', options.priority ?? 0),
    minBackups: whole('minBackups', options.minBackups ?? 0),
    leaseMs,
    pingIntervalMs,
    deadPings,
    sessionTtlMs: positive('sessionTtl', options.sessionTtl ?? 600_000),
    leaveTimeoutMs: positive('leaveTimeout', options.leaveTimeout ?? 10_000),
    bounds: { maxKeyBytes: positive('maxKeyBytes', options.maxKeyBytes ?? DEFAULT_BOUNDS.maxKeyBytes), maxValueBytes },
    maxMemory,
    limits: { ...limitsWithin(maxMemory), valueUnits: maxValueBytes, ...options.limits },
    dataDir: nonEmpty('dataDir', options.dataDir),
    allowHosts: hostNamesOf(options.allowHosts),
    dashboard: pageOptionsOf(options.dashboard),
    world: options.world ?? realWorld({ limits: heldLimits(maxMemory) }),
    ownsWorld: options.world === undefined,
    onNotice: options.onNotice ?? (() => {}),
    droppedLogRecords: options.droppedLogRecords ?? (() => 0),
    onStep: options.onStep,
  };
}

function positive(field: string, value: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw invalid(field, `${field} must be a number above 0`);
}

function whole(field: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(field, `${field} must be a whole number from 0 on`);
}

function nonEmpty(field: string, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw invalid(field, `${field} must be the path of a directory`);
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}

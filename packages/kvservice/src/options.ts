/** The options of a server, their checks and their defaults. */
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
  /** `host:port`; port 0 picks a free port. */
  readonly listen: Address;
  readonly monitors: string | readonly string[];
  /** The address under which other nodes and clients reach this server. Default: the address it listens at. */
  readonly advertise?: Address;
  /** Among the servers that may be promoted, the one with the highest priority is first. Default 0. */
  readonly priority?: number;
  /** Refuses writes with NOT_READY while fewer backups hold the data. Default 0. */
  readonly minBackups?: number;
  /** The length of a read lease in milliseconds. Must be the same on all servers. Default: two ping intervals. */
  readonly lease?: number;
  /** The ping interval in milliseconds. Must be the monitor's. */
  readonly pingInterval?: number;
  /** The number of missed pings after which a server is dead. Must be the monitor's. */
  readonly deadPings?: number;
  /** Milliseconds after which an unused session ends. Default: ten minutes. */
  readonly sessionTtl?: number;
  /**
   * The most milliseconds that a leaving server waits for a server that stays to hold its data (V14). Default: ten
   * seconds.
   */
  readonly leaveTimeout?: number;
  readonly maxKeyBytes?: number;
  readonly maxValueBytes?: number;
  /**
   * The memory that this server may use, in bytes: its data twice, its log, sessions, and waiting operations. Near the
   * limit, writes are refused with NO_SPACE. Default: half of the memory that V8 may use for long-lived objects.
   */
  readonly maxMemory?: number;
  readonly limits?: Partial<Limits>;
  /** The directory for the data, so that it survives a restart. By default the data is in memory only. */
  readonly dataDir?: string;
  /**
   * Host names under which this server accepts HTTP requests, besides its own name and those of the nodes that it
   * knows. Default: none.
   */
  readonly allowHosts?: readonly string[];
  /** Serves the web page and the event feed behind it (`/`, `/dashboard/`, `/events`). Default true. */
  readonly dashboard?: boolean | PageOptions;
  readonly world?: World;
  readonly onNotice?: (notice: ServerNotice) => void;
  /** Returns the number of records that the log of this process has dropped so far, for `/metrics`. By default 0. */
  readonly droppedLogRecords?: () => number;
  /** Called after every step of the replica, for simulations and traces. Costs time, and must not throw. */
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
  /** Undefined if there is no page. */
  readonly dashboard: PageOptions | undefined;
  readonly world: World;
  readonly ownsWorld: boolean;
  readonly onNotice: (notice: ServerNotice) => void;
  readonly droppedLogRecords: () => number;
  readonly onStep: ((step: ReplicaStep) => void) | undefined;
}

/** Throws INVALID_PARAMS, which names the option. */
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

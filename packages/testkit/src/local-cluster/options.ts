/** The options of a local cluster: reads and checks them, and fills in the defaults. */
import { fields, type OptionNames, refuseUnknownOptions, UnderstudyError } from '@understudy/rpc';

export interface ClusterOptions {
  /** 1 to 16. Default 2. */
  readonly servers?: number;
  /**
   * The number of backups that a view should have, less than the number of servers. The other servers wait for a seat.
   * Default 1, or 0 with a single server.
   */
  readonly backups?: number;
  /** Milliseconds between two pings of a server. Default 100. */
  readonly pingInterval?: number;
  /** The number of ping intervals without a ping after which a server counts as dead. Default 5. */
  readonly deadPings?: number;
  /** The length of a read lease in milliseconds. Default: two ping intervals. */
  readonly lease?: number;
  /** Milliseconds that a wait, or an operation of a client, may take unless set otherwise. Default 10,000. */
  readonly timeoutMs?: number;
  /**
   * The directory for the data of monitor and servers. The data survives `restart`, and serves the next cluster on the
   * same directory. The directory is created if it is missing, and kept at the end. Unless set, everything is only in
   * memory.
   */
  readonly dataDir?: string;
}

const CLUSTER_OPTIONS: OptionNames<ClusterOptions> = {
  servers: true,
  backups: true,
  pingInterval: true,
  deadPings: true,
  lease: true,
  timeoutMs: true,
  dataDir: true,
};

export interface ClusterSettings {
  readonly servers: number;
  readonly backups: number;
  readonly timeoutMs: number;
  readonly dataDir: string | undefined;
  /** Options that are passed on to monitor, servers and clients, which check them. */
  readonly times: Pick<ClusterOptions, 'pingInterval' | 'deadPings' | 'lease'>;
}

const MAX_SERVERS = 16;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Throws INVALID_PARAMS, which names the option. */
export function settingsOf(options: ClusterOptions): ClusterSettings {
  const given = { ...fields.object({ options }, 'options') };
  refuseUnknownOptions(given, CLUSTER_OPTIONS, 'startCluster');
  const servers = fields.optionalWhole(given, 'servers', { min: 1, max: MAX_SERVERS }) ?? 2;
  const backups = fields.optionalWhole(given, 'backups') ?? Math.min(1, servers - 1);
  if (backups >= servers) throw tooManyBackups(servers);
  const { pingInterval, deadPings, lease } = options;
  return {
    servers,
    backups,
    timeoutMs: timeoutOf(given) ?? DEFAULT_TIMEOUT_MS,
    dataDir: fields.optionalText(given, 'dataDir', { nonEmpty: true }),
    times: {
      ...(pingInterval !== undefined && { pingInterval }),
      ...(deadPings !== undefined && { deadPings }),
      ...(lease !== undefined && { lease }),
    },
  };
}

/** The timeout of a wait, in milliseconds. */
export function timeoutOf(given: object): number | undefined {
  return fields.optionalWhole({ ...given }, 'timeoutMs', { min: 1 });
}

function tooManyBackups(servers: number): UnderstudyError {
  const message = `backups must be fewer than servers: of ${servers}, one is the primary`;
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'backups' } });
}

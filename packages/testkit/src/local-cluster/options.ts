/** The options of a local cluster, checked, with their defaults. */
import { fields, type OptionNames, refuseUnknownOptions, UnderstudyError } from '@understudy/rpc';

export interface ClusterOptions {
  /** 1 to 16. Default 2. */
  readonly servers?: number;
  /** Backups that a view should have, fewer than there are servers; the other servers wait to take a seat. Default 1, of a lone server 0. */
  readonly backups?: number;
  /** Milliseconds between two pings of a server. Default 100. */
  readonly pingInterval?: number;
  /** Ping intervals without a ping after which a server counts as dead. Default 5. */
  readonly deadPings?: number;
  /** Milliseconds of a read lease; two ping intervals unless set. */
  readonly lease?: number;
  /** Milliseconds that a wait, or an operation of a client, may take unless it says otherwise. Default 10,000. */
  readonly timeoutMs?: number;
  /**
   * Where monitor and servers keep their data, so that it is there again after `restart`, and for the next cluster on the same directory.
   * Made where it is missing, and left as it is at the end. Unless set, everything is in memory only.
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
  /** What monitor, servers and clients are given of it, and check themselves. */
  readonly times: Pick<ClusterOptions, 'pingInterval' | 'deadPings' | 'lease'>;
}

const MAX_SERVERS = 16;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Throws INVALID_PARAMS naming the option. */
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

/** Of a wait, in milliseconds. */
export function timeoutOf(given: object): number | undefined {
  return fields.optionalWhole({ ...given }, 'timeoutMs', { min: 1 });
}

function tooManyBackups(servers: number): UnderstudyError {
  const message = `backups must be fewer than servers: of ${servers}, one is the primary`;
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'backups' } });
}

/** The options of a monitor's client, and of one request of it. */
import {
  type Address,
  type OptionNames,
  parseAddresses,
  refuseUnknownOptions,
  UnderstudyError,
  type World,
} from '@understudy/rpc';

export interface MonitorClientOptions {
  /** The addresses of the monitor: one, several with commas between them, or a list. */
  readonly monitors: string | readonly string[];
  /** Default: the real one. */
  readonly world?: World;
  /** Milliseconds that each address has for its answer, until longer round trips were measured. Default 1,000. */
  readonly timeoutMs?: number;
}

export interface RequestOptions {
  /** Ends the request with ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

export interface LateOptions<T> extends RequestOptions {
  /** Told of an answer that comes after the request has failed with TIMEOUT. Unless set, the request itself waits somewhat longer for one. */
  readonly onLate?: ((answer: T) => void) | undefined;
}

const CLIENT_OPTIONS: OptionNames<MonitorClientOptions> = { monitors: true, world: true, timeoutMs: true };
const DEFAULT_TIMEOUT_MS = 1_000;

interface ClientSettings {
  readonly addresses: readonly Address[];
  readonly timeoutMs: number;
}

/** Throws INVALID_PARAMS naming the option. */
export function settingsOf(options: MonitorClientOptions): ClientSettings {
  refuseUnknownOptions(options, CLIENT_OPTIONS, 'MonitorClient');
  const { monitors, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const addresses = parseAddresses(monitors, 'monitors');
  if (timeoutMs > 0) return { addresses, timeoutMs };
  throw new UnderstudyError('INVALID_PARAMS', 'timeoutMs must be a number above 0', { data: { field: 'timeoutMs' } });
}

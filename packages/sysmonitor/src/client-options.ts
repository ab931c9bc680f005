/** The options of a MonitorClient, and of a single request. */
import {
  type Address,
  type OptionNames,
  parseAddresses,
  refuseUnknownOptions,
  UnderstudyError,
  type World,
} from '@understudy/rpc';

export interface MonitorClientOptions {
  /** The addresses of the monitor: one, several separated by commas, or a list. */
  readonly monitors: string | readonly string[];
  /** Default: the real world. */
  readonly world?: World;
  /** Milliseconds that each address has to answer, until longer round trips were measured. Default 1,000. */
  readonly timeoutMs?: number;
}

export interface RequestOptions {
  /** Ends the request with ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

export interface LateOptions<T> extends RequestOptions {
  /**
   * Called with an answer that arrives after the request failed with TIMEOUT. Without it, the request itself waits
   * somewhat longer for a late answer.
   */
  readonly onLate?: ((answer: T) => void) | undefined;
}

const CLIENT_OPTIONS: OptionNames<MonitorClientOptions> = { monitors: true, world: true, timeoutMs: true };
const DEFAULT_TIMEOUT_MS = 1_000;

interface ClientSettings {
  readonly addresses: readonly Address[];
  readonly timeoutMs: number;
}

/** Throws INVALID_PARAMS, which names the option. */
export function settingsOf(options: MonitorClientOptions): ClientSettings {
  refuseUnknownOptions(options, CLIENT_OPTIONS, 'MonitorClient');
  const { monitors, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const addresses = parseAddresses(monitors, 'monitors');
  if (timeoutMs > 0) return { addresses, timeoutMs };
  throw new UnderstudyError('INVALID_PARAMS', 'timeoutMs must be a number above 0', { data: { field: 'timeoutMs' } });
}

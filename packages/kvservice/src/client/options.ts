/** The options of a client, of one operation, and of a scan, with their checks and defaults. */
import {
  fields,
  type OptionNames,
  type Params,
  refuseUnknownOptions,
  type TextLimits,
  UnderstudyError,
  type World,
} from '@understudy/rpc';
import { PING_INTERVAL, type View } from '@understudy/sysmonitor';
import type { Consistency } from '../contract.ts';
import { DEFAULT_BOUNDS } from '../params.ts';
import type { Codec } from './codec.ts';
import type { ClientNotice } from './notice.ts';

export interface KVClientOptions<Value = string> {
  /** The addresses of the monitors: `host:port`, several separated by commas, or a list. */
  readonly monitors: string | readonly string[];
  /** Milliseconds after which an operation fails with TIMEOUT. By default it retries until it has an answer. */
  readonly timeout?: number | undefined;
  /**
   * The cluster's ping interval in milliseconds. The client waits up to that long between tries that brought no newer
   * view. Default 100.
   */
  readonly pingInterval?: number | undefined;
  /**
   * Milliseconds that one try waits for its answer before the client asks for the view. Default: five ping intervals.
   * If a server's answers take longer, because it is far away or the request is large, the client learns that and waits
   * longer.
   */
  readonly tryTimeout?: number | undefined;
  /**
   * The most operations at the servers at once; the others wait in the client, in order. It is fewer while servers
   * refuse operations or do not answer in time. Default 2,048.
   */
  readonly maxInFlight?: number | undefined;
  /**
   * The most operations that may wait in the client. While as many wait, new ones fail with OVERLOADED at once and are
   * certainly not done. All operations started in one turn of the event loop are accepted or refused together. Infinity
   * means no bound. By default, at most twice `maxInFlight` may be in progress in all. If operations have waited
   * without a break for a tenth of a second, at most twice what may be at the servers at that time; but none is refused
   * while fewer than half of `maxInFlight` are in progress.
   */
  readonly maxWaiting?: number | undefined;
  /** The most UTF-8 bytes in a key; a longer one is TOO_LARGE. Set it to the servers' limit. Default 1,024. */
  readonly maxKeyBytes?: number | undefined;
  /** The most UTF-8 bytes in a value; a longer one is TOO_LARGE. Set it to the servers' limit. Default 1 MiB. */
  readonly maxValueBytes?: number | undefined;
  /** Encodes the program's values as texts and decodes them; see `codecs`. By default values are texts. */
  readonly codec?: Codec<Value> | undefined;
  /**
   * Clock, randomness and transport; by default the real ones. A transport that is passed in stays open at `close()`.
   */
  readonly world?: World | undefined;
  /** The initial view. With it the client need not ask a monitor first. */
  readonly view?: View | undefined;
  /** Called with what the client does besides its operations: retries, views, sessions. */
  readonly onNotice?: ((notice: ClientNotice) => void) | undefined;
}

/** The last argument of every operation. */
export interface OperationOptions {
  /** Aborts the operation, which then fails with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds after which the operation fails with TIMEOUT, for all its tries and waits together; Infinity means
   * never. Default: the client's timeout.
   */
  readonly timeout?: number | undefined;
  /**
   * For `get` and `read`. `linearizable` (the default) returns the newest value. With `sequential` a backup may answer;
   * the value may be slightly old, but never older than what this client has seen (L5).
   */
  readonly consistency?: Consistency | undefined;
  /**
   * For reads and scans: a revision, for example one that another client got. The answer shows that revision or a later
   * one. If no write has that revision yet, the read waits until one has, or until its time is over.
   */
  readonly atLeast?: number | undefined;
}

export interface ScanOptions extends OperationOptions {
  /** Only keys with this prefix. */
  readonly prefix?: string | undefined;
  /** The first key (inclusive). */
  readonly start?: string | undefined;
  /** The end of the range (exclusive). */
  readonly end?: string | undefined;
  /** The most entries in all. */
  readonly limit?: number | undefined;
  /** Iterates from the last key downwards. */
  readonly reverse?: boolean | undefined;
  /** The most entries in one request. Default 256. */
  readonly pageSize?: number | undefined;
}

/** The options of `close`. */
export interface CloseOptions {
  /** First lets the operations in progress end by themselves. Default false. */
  readonly drain?: boolean | undefined;
}

/** The options for one page of a range: see `ScanOptions`. */
export interface PageOptions extends Omit<ScanOptions, 'pageSize'> {
  /** The most entries in the page. The server returns at most 1,000, and fewer if they are long. Default 256. */
  readonly limit?: number | undefined;
}

const CLIENT_OPTIONS: OptionNames<KVClientOptions> = {
  monitors: true,
  timeout: true,
  pingInterval: true,
  tryTimeout: true,
  maxInFlight: true,
  maxWaiting: true,
  maxKeyBytes: true,
  maxValueBytes: true,
  codec: true,
  world: true,
  view: true,
  onNotice: true,
};
const CLOSE_OPTIONS: OptionNames<CloseOptions> = { drain: true };
const OPERATION_OPTIONS: OptionNames<OperationOptions> = {
  signal: true,
  timeout: true,
  consistency: true,
  atLeast: true,
};
const PAGE_OPTIONS: OptionNames<PageOptions> = {
  ...OPERATION_OPTIONS,
  prefix: true,
  start: true,
  end: true,
  limit: true,
  reverse: true,
};
const SCAN_OPTIONS: OptionNames<ScanOptions> = { ...PAGE_OPTIONS, pageSize: true };

/** The limits on texts, in the form that `fields` takes. */
export interface Limits {
  readonly key: TextLimits;
  readonly value: TextLimits;
  /** The limit for the bounds of a range. The end may be the first text after the longest key. */
  readonly bound: TextLimits;
}

/** A client's options with all defaults filled in. */
export interface Settings {
  readonly timeoutMs: number;
  readonly pingIntervalMs: number;
  readonly tryTimeoutMs: number;
  readonly maxInFlight: number;
  readonly maxWaiting: number | undefined;
  readonly limits: Limits;
}

/**
 * The default time-out of a try, in ping intervals: the time for which a server that is silent still counts as alive.
 */
const TRY_PING_INTERVALS = 5;
/** Twice the number that keeps a primary busy, and half of the number that it accepts from all clients. */
const MAX_IN_FLIGHT = 2_048;

export function settingsOf<Value>(options: KVClientOptions<Value>): Settings {
  const given = fields.object({ options }, 'options');
  refuseUnknownOptions(given, CLIENT_OPTIONS, 'KVClient');
  const pingIntervalMs = interval(given, 'pingInterval') ?? PING_INTERVAL;
  if (given.onNotice !== undefined && typeof given.onNotice !== 'function') throw wrong('onNotice', 'a function');
  checkCodec(given.codec);
  const maxKeyBytes = fields.optionalWhole(given, 'maxKeyBytes', { min: 1 }) ?? DEFAULT_BOUNDS.maxKeyBytes;
  const maxValueBytes = fields.optionalWhole(given, 'maxValueBytes', { min: 1 }) ?? DEFAULT_BOUNDS.maxValueBytes;
  return {
    pingIntervalMs,
    timeoutMs: milliseconds(given, 'timeout') ?? Infinity,
    tryTimeoutMs: interval(given, 'tryTimeout') ?? TRY_PING_INTERVALS * pingIntervalMs,
    maxInFlight: fields.optionalWhole(given, 'maxInFlight', { min: 1 }) ?? MAX_IN_FLIGHT,
    maxWaiting: given.maxWaiting === Infinity ? Infinity : fields.optionalWhole(given, 'maxWaiting', { min: 1 }),
    limits: {
      key: { maxBytes: maxKeyBytes, nonEmpty: true },
      value: { maxBytes: maxValueBytes },
      bound: { maxBytes: maxKeyBytes + 1 },
    },
  };
}

/** Whether operations in progress may end by themselves. Throws INVALID_PARAMS if the options are wrong. */
export function drains(options: CloseOptions): boolean {
  const given = fields.object({ options }, 'options');
  refuseUnknownOptions(given, CLOSE_OPTIONS, 'close');
  return fields.optionalBoolean(given, 'drain') ?? false;
}

function checkCodec(codec: unknown): void {
  if (codec === undefined) return;
  const { encode, decode } = (codec ?? {}) as Partial<Codec<never>>;
  if (typeof encode === 'function' && typeof decode === 'function') return;
  throw wrong('codec', 'an object with name, encode and decode, such as codecs.json()');
}

interface CheckedTraits {
  readonly name: string;
  readonly changes: boolean;
  readonly consistencies: readonly Consistency[];
}

/** Throws INVALID_PARAMS, which names the field, if the options of an operation are wrong. */
export function checkOptions(options: OperationOptions, { name, changes, consistencies }: CheckedTraits): void {
  const given = fields.object({ options }, 'options');
  refuseUnknownOptions(given, OPERATION_OPTIONS, name);
  milliseconds(given, 'timeout');
  fields.optionalOneOf(given, 'consistency', consistencies);
  const atLeast = fields.optionalWhole(given, 'atLeast');
  if (changes && atLeast !== undefined) throw wrong('atLeast', 'left out: it goes with reads');
  const { signal } = options;
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw wrong('signal', 'an AbortSignal');
}

/** The options of a scan without the range. Each page is one operation with these options. */
export function eachPageOf(options: ScanOptions, kind: 'scan' | 'scanPage'): OperationOptions {
  refuseUnknownOptions(fields.object({ options }, 'options'), kind === 'scan' ? SCAN_OPTIONS : PAGE_OPTIONS, kind);
  const { signal, timeout, consistency, atLeast } = options;
  return { signal, timeout, consistency, atLeast };
}

/** A number of milliseconds, 0 or more; Infinity is allowed. */
function milliseconds(given: Params, field: string): number | undefined {
  const value = given[field];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0) return value;
  throw wrong(field, 'a number of milliseconds, 0 or more');
}

/** The length of a wait in milliseconds. It must not be 0, or the client would retry without any pause. */
function interval(given: Params, field: string): number | undefined {
  const value = given[field];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 1 && value < Infinity) return value;
  throw wrong(field, 'a number of milliseconds, 1 or more');
}

function wrong(field: string, wanted: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', `${field} must be ${wanted}`, { data: { field } });
}

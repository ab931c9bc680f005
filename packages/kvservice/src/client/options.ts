/** What a user may set: for a client, for one operation, for a scan. */
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
  /** Addresses of the monitors: `host:port`, several with commas between them, or a list. */
  readonly monitors: string | readonly string[];
  /** Milliseconds after which an operation fails with TIMEOUT; unless set it tries until it has an answer. */
  readonly timeout?: number | undefined;
  /** Milliseconds; the cluster's own. Between tries that brought no newer view the client waits up to that. 100 unless set. */
  readonly pingInterval?: number | undefined;
  /**
   * Milliseconds that one try waits for its answer before the view is asked for; five ping intervals unless set. Where a server's
   * answers take longer, because it is far away or the request is large, the client learns that and waits longer.
   */
  readonly tryTimeout?: number | undefined;
  /**
   * Operations that may be at the servers at once; those beyond wait here, in order. Fewer while servers refuse, or do not answer
   * in time. 2,048 unless set.
   */
  readonly maxInFlight?: number | undefined;
  /**
   * Operations that may wait here; while as many do, new ones fail with OVERLOADED at once, certainly not done. What one turn of
   * the event loop starts is taken as a whole. Infinity: no bound. Unless set, so many that twice `maxInFlight` are under way in
   * all; where they have waited without a break for a tenth of a second, twice what may be at the servers just then, but none is
   * refused while fewer than half of `maxInFlight` are under way.
   */
  readonly maxWaiting?: number | undefined;
  /** Bytes of UTF-8 over which a key is TOO_LARGE; the servers' own limit. 1,024 unless set. */
  readonly maxKeyBytes?: number | undefined;
  /** Bytes of UTF-8 over which a value is TOO_LARGE; the servers' own limit. 1 MiB unless set. */
  readonly maxValueBytes?: number | undefined;
  /** Makes texts of the values that the program uses, and back; see `codecs`. Unless set, values are texts. */
  readonly codec?: Codec<Value> | undefined;
  /** Clock, randomness and transport; the real ones unless set. A transport that was given stays open at `close()`. */
  readonly world?: World | undefined;
  /** Where to begin: a view that is known already, so that no monitor has to be asked first. */
  readonly view?: View | undefined;
  /** Told what the client does beside the plain work: retries, views, sessions. */
  readonly onNotice?: ((notice: ClientNotice) => void) | undefined;
}

/** The last argument of every operation. */
export interface OperationOptions {
  /** Ends the operation with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds after which the operation fails with TIMEOUT, all its tries and waits together; Infinity: never.
   * The client's unless set.
   */
  readonly timeout?: number | undefined;
  /**
   * Of `get` and `read`. `linearizable`, unless set: the newest value there is. `sequential`: a backup may answer, with what may
   * be a little old, but never older than what this client has seen (L5).
   */
  readonly consistency?: Consistency | undefined;
  /**
   * Of reads, scans included: a revision, such as another client was told. The answer shows that revision or a later one. Where no
   * write has it yet, the read waits until one has, or its time is over.
   */
  readonly atLeast?: number | undefined;
}

export interface ScanOptions extends OperationOptions {
  /** Keys that begin so. */
  readonly prefix?: string | undefined;
  /** From this key on, itself included. */
  readonly start?: string | undefined;
  /** Up to this key, itself left out. */
  readonly end?: string | undefined;
  /** At most so many entries in all. */
  readonly limit?: number | undefined;
  /** From the last key down. */
  readonly reverse?: boolean | undefined;
  /** At most so many entries in one request; 256 unless set. */
  readonly pageSize?: number | undefined;
}

/** Of `close`. */
export interface CloseOptions {
  /** Let the operations under way end by themselves first. Default false. */
  readonly drain?: boolean | undefined;
}

/** One page of a range: see `ScanOptions`. */
export interface PageOptions extends Omit<ScanOptions, 'pageSize'> {
  /** At most so many entries; the server gives 1,000 at most, and fewer where they are long. 256 unless set. */
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

/** Limits on texts, ready for `fields`. */
export interface Limits {
  readonly key: TextLimits;
  readonly value: TextLimits;
  /** The end of a range may be the first text after the longest key. */
  readonly bound: TextLimits;
}

/** A client's options with every default in its place. */
export interface Settings {
  readonly timeoutMs: number;
  readonly pingIntervalMs: number;
  readonly tryTimeoutMs: number;
  readonly maxInFlight: number;
  readonly maxWaiting: number | undefined;
  readonly limits: Limits;
}

/** Tries that may pass without an answer from a server that counts as alive. */
const TRY_PING_INTERVALS = 5;
/** Twice what keeps a primary busy, and half of what it takes from all. */
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

/** Whether operations under way are to end by themselves; throws INVALID_PARAMS where the options are wrong. */
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

/** Throws INVALID_PARAMS, naming the field, where the options of an operation are wrong. */
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

/** The options of a scan without those that say what is read: each page is an operation with these. */
export function eachPageOf(options: ScanOptions, kind: 'scan' | 'scanPage'): OperationOptions {
  refuseUnknownOptions(fields.object({ options }, 'options'), kind === 'scan' ? SCAN_OPTIONS : PAGE_OPTIONS, kind);
  const { signal, timeout, consistency, atLeast } = options;
  return { signal, timeout, consistency, atLeast };
}

/** Milliseconds, not below 0; Infinity is allowed. */
function milliseconds(given: Params, field: string): number | undefined {
  const value = given[field];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0) return value;
  throw wrong(field, 'a number of milliseconds, 0 or more');
}

/** Milliseconds that a wait takes: without any the client would never come to rest. */
function interval(given: Params, field: string): number | undefined {
  const value = given[field];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 1 && value < Infinity) return value;
  throw wrong(field, 'a number of milliseconds, 1 or more');
}

function wrong(field: string, wanted: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', `${field} must be ${wanted}`, { data: { field } });
}

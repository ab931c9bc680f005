/** The bounds of the real transport: beyond them a request is refused or a connection ended, and memory never grows. */
import { mostOpenFiles } from './open-files.ts';

export interface Limits {
  /** Bytes of one request: a line, or the body of an HTTP request. */
  readonly maxRequestBytes: number;
  /** Bytes of one answer. */
  readonly maxAnswerBytes: number;
  /** Bytes of all the answers to one batch, beyond which nothing more of it is begun. */
  readonly maxBatchAnswerBytes: number;
  /** Objects and arrays within each other. */
  readonly maxDepth: number;
  /** Values and names in the JSON of one request or answer. */
  readonly maxElements: number;
  /** Requests in one batch. */
  readonly maxBatch: number;
  /** Connections to all listeners of a process; fewer where the process may have fewer files open. */
  readonly maxConnections: number;
  /** Of these, places that only other nodes of the cluster may have. */
  readonly keptConnections: number;
  /** Bytes that are held for all connections together, but for those of other nodes. */
  readonly maxHeldBytes: number;
  /** Bytes that are held for the connections of one address. */
  readonly maxHeldBytesOfAddress: number;
  /** Milliseconds within which a connection must say the first bytes, which tell what it speaks. */
  readonly firstBytesTimeoutMs: number;
  /** Milliseconds after which a connection that says nothing, and waits for nothing, is ended, unless it is of another node. */
  readonly idleTimeoutMs: number;
  /** Milliseconds after which a connection that takes nothing of the answers which wait for it is ended, unless it is of another node. */
  readonly untakenTimeoutMs: number;
  /** Unanswered requests of one connection, each of a batch counted, beyond which nothing more is read from it. */
  readonly maxInFlight: number;
  /** Bytes of the unanswered requests of one connection, beyond which nothing more is read from it. */
  readonly maxInFlightBytes: number;
  /** Bytes that a peer has not taken yet, beyond which nothing more is written to it, or read from it; 64 KiB at least. */
  readonly maxUnsentBytes: number;
  /** Bytes of calls to one peer that wait to be sent, beyond which calls are OVERLOADED. */
  readonly maxQueuedBytes: number;
  /** Milliseconds for making a connection. */
  readonly connectTimeoutMs: number;
  /** Milliseconds within which a line that was begun must end; it may last up to twice that. */
  readonly lineTimeoutMs: number;
  /** Milliseconds for the headers of an HTTP request. */
  readonly headersTimeoutMs: number;
  /** Milliseconds for the whole of an HTTP request to arrive; a connection on which nothing moves for twice that is ended. */
  readonly requestTimeoutMs: number;
  /** Milliseconds that an HTTP connection may stay open without a request. */
  readonly keepAliveTimeoutMs: number;
  /** Bytes of all headers of an HTTP request. */
  readonly maxHeaderBytes: number;
  /** Milliseconds that the last answers have to leave when a connection is ended. */
  readonly lingerMs: number;
}

/** Of the files that a process may have open, what connections may not take, but half of them at most: the disk has up to 1,000. */
const OTHER_FILES = 1_128;

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: Limits = {
  maxRequestBytes: 8 * MIB,
  maxAnswerBytes: 64 * MIB,
  maxBatchAnswerBytes: 8 * MIB,
  maxDepth: 64,
  maxElements: 65_536,
  maxBatch: 1_000,
  maxConnections: 2_048,
  keptConnections: 64,
  maxHeldBytes: 128 * MIB,
  maxHeldBytesOfAddress: 96 * MIB,
  firstBytesTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
  untakenTimeoutMs: 60_000,
  maxInFlight: 4_096,
  maxInFlightBytes: 64 * MIB,
  maxUnsentBytes: MIB,
  maxQueuedBytes: 64 * MIB,
  connectTimeoutMs: 1_000,
  lineTimeoutMs: 60_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  // Longer than a balancer keeps an idle connection (60 s): it must not send a request just when this end closes.
  keepAliveTimeoutMs: 75_000,
  maxHeaderBytes: 16 * KIB,
  lingerMs: 500,
};

/** Sockets tell of free room only after they held more than their own high-water mark. */
const SMALLEST_UNSENT_BYTES = 64 * KIB;

/** The given limits, and the defaults for those left out. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  return { ...limits, maxUnsentBytes: Math.max(SMALLEST_UNSENT_BYTES, limits.maxUnsentBytes) };
}

/** With no more connections than leave some files for the disk, and for connections to other nodes. */
export function withinOpenFiles(limits: Limits, openFiles = mostOpenFiles()): Limits {
  const most = Math.max(1, Math.floor(Math.max(openFiles / 2, openFiles - OTHER_FILES)));
  const maxConnections = Math.min(limits.maxConnections, most);
  return {
    ...limits,
    maxConnections,
    keptConnections: Math.min(limits.keptConnections, Math.floor(maxConnections / 4)),
  };
}

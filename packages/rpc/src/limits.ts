/**
 * The bounds of the real transport. Beyond them a request is refused or a connection closed, so memory stays bounded.
 */
import { mostOpenFiles } from './open-files.ts';

export interface Limits {
  /** The most bytes in one request: a line, or the body of an HTTP request. */
  readonly maxRequestBytes: number;
  /** The most bytes in one answer. */
  readonly maxAnswerBytes: number;
  /** The most bytes of all answers to one batch. Beyond it no more of the batch begins. */
  readonly maxBatchAnswerBytes: number;
  /** The nesting depth of objects and arrays. */
  readonly maxDepth: number;
  /** The most values and names in the JSON of one request or answer. */
  readonly maxElements: number;
  /** The most requests in one batch. */
  readonly maxBatch: number;
  /** The most connections to all listeners of a process; fewer if the process may open fewer files. */
  readonly maxConnections: number;
  /** How many of these places are reserved for other nodes of the cluster. */
  readonly keptConnections: number;
  /** The most bytes held for all connections together, except those of other nodes. */
  readonly maxHeldBytes: number;
  /** The most bytes held for the connections of one address. */
  readonly maxHeldBytesOfAddress: number;
  /** Milliseconds within which a connection must send its first bytes, which show its protocol. */
  readonly firstBytesTimeoutMs: number;
  /**
   * Milliseconds after which a connection that is idle and waits for nothing is closed, unless it belongs to another
   * node.
   */
  readonly idleTimeoutMs: number;
  /**
   * Milliseconds after which a connection that reads none of its waiting answers is closed, unless it belongs to
   * another node.
   */
  readonly untakenTimeoutMs: number;
  /**
   * The most unanswered requests of one connection, counting each request of a batch. Beyond it nothing more is read.
   */
  readonly maxInFlight: number;
  /** The most bytes of unanswered requests of one connection. Beyond it nothing more is read. */
  readonly maxInFlightBytes: number;
  /**
   * The most bytes that a peer has not read yet. Beyond it nothing more is written to the peer or read from it. At
   * least 64 KiB.
   */
  readonly maxUnsentBytes: number;
  /** The most bytes of calls to one peer that wait to be sent. Beyond it calls are OVERLOADED. */
  readonly maxQueuedBytes: number;
  /** Milliseconds for opening a connection. */
  readonly connectTimeoutMs: number;
  /** Milliseconds within which a started line must end; it may last up to twice that. */
  readonly lineTimeoutMs: number;
  /** Milliseconds for the headers of an HTTP request. */
  readonly headersTimeoutMs: number;
  /** Milliseconds for a whole HTTP request to arrive. A connection without any traffic for twice that is closed. */
  readonly requestTimeoutMs: number;
  /** Milliseconds that an HTTP connection may stay open without a request. */
  readonly keepAliveTimeoutMs: number;
  /** The most bytes of all headers of an HTTP request. */
  readonly maxHeaderBytes: number;
  /** Milliseconds for the last answers to leave when a connection is closed. */
  readonly lingerMs: number;
}

/**
 * Of the files that a process may have open, connections leave this many free, but use at least half of all. The disk
 * has up to 1,000.
 */
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
  // Longer than load balancers keep an idle connection (60 s), so that none sends a request just when this end closes.
  keepAliveTimeoutMs: 75_000,
  maxHeaderBytes: 16 * KIB,
  lingerMs: 500,
};

/** A socket only signals free room after it held more than its own high-water mark. */
const SMALLEST_UNSENT_BYTES = 64 * KIB;

/** Returns the given limits, with defaults for those left out. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  return { ...limits, maxUnsentBytes: Math.max(SMALLEST_UNSENT_BYTES, limits.maxUnsentBytes) };
}

/** Reduces the number of connections so that files remain for the disk and for connections to other nodes. */
export function withinOpenFiles(limits: Limits, openFiles = mostOpenFiles()): Limits {
  const most = Math.max(1, Math.floor(Math.max(openFiles / 2, openFiles - OTHER_FILES)));
  const maxConnections = Math.min(limits.maxConnections, most);
  return {
    ...limits,
    maxConnections,
    keptConnections: Math.min(limits.keptConnections, Math.floor(maxConnections / 4)),
  };
}

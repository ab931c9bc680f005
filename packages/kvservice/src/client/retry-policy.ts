/**
 * The retry policy: what follows each failure of a try. All failures are in one table, and the compiler reports one
 * that is missing.
 */
import type { FailureName, Random, UnderstudyError } from '@understudy/rpc';

/**
 * - `final`: the operation fails.
 * - `ask`: the client looks for a newer view; if none comes at once, the next try waits (C2).
 * - `pause`: the server is the right one but overloaded; the next try waits as long as the server said.
 * - `session`: the session is gone (S7).
 */
export type Verdict = 'final' | 'ask' | 'pause' | 'session';

const VERDICTS = {
  // The request is wrong, and would be wrong on every try and every server.
  PARSE_ERROR: 'final',
  INVALID_REQUEST: 'final',
  METHOD_NOT_FOUND: 'final',
  INVALID_PARAMS: 'final',
  TOO_LARGE: 'final',
  INVALID_VALUE: 'final',
  // A defect in the server. It may occur on every try and on every server, so the user must learn of it.
  INTERNAL_ERROR: 'final',
  // The result is gone for good; so is the snapshot.
  RESULT_DROPPED: 'final',
  SNAPSHOT_UNKNOWN: 'final',
  // Only HTTP reports these; no method does.
  KEY_NOT_FOUND: 'final',
  PRECONDITION_FAILED: 'final',
  // A user must delete data or give the servers more memory, so the user must learn of it at once.
  NO_SPACE: 'final',
  // Failures of a disk; no client receives them.
  STORE_IN_USE: 'final',
  STORE_DAMAGED: 'final',
  STORE_FOREIGN: 'final',
  STORE_FAILED: 'final',
  // The transport was closed, by this client or by its owner.
  CLOSED: 'final',

  // The wrong server, or one that cannot serve now. The view may have changed, or may change soon.
  NOT_PRIMARY: 'ask',
  NOT_READY: 'ask',
  STALE_VIEW: 'ask',
  RECOVERING: 'ask',
  CONFLICTING_SERVER: 'ask',
  // No answer: the primary may be dead. The next try carries the same (session, seq), so it is safe.
  OUTCOME_UNKNOWN: 'ask',
  UNREACHABLE: 'ask',
  CONNECTION_LOST: 'ask',
  TIMEOUT: 'ask',
  // The try was aborted, not the operation: another process gave up on the way.
  ABORTED: 'ask',

  OVERLOADED: 'pause',
  SESSION_UNKNOWN: 'session',
} as const satisfies Record<FailureName, Verdict>;

export function verdictOn(failure: UnderstudyError): Verdict {
  const { name, definite } = failure;
  // Not the server's verdict on the request but a malformed answer, which counts as no answer.
  if (!definite && (name === 'PARSE_ERROR' || name === 'INVALID_REQUEST')) return 'ask';
  return VERDICTS[name];
}

/**
 * A random wait between half of `ms` and `ms`. Clients therefore do not return all at once (C2), and none finds a new
 * primary late.
 */
export function jittered(ms: number, random: Random): number {
  return ms * (0.5 + random.number() / 2);
}

const LONGEST_PAUSE_MS = 10_000;

/** How long to wait for an overloaded server: as long as it said, plus up to half as much. */
export function pauseAfter(failure: UnderstudyError, otherwiseMs: number, random: Random): number {
  const { retryAfterMs } = failure.data;
  const told = typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : otherwiseMs;
  return Math.min(told, LONGEST_PAUSE_MS) * (1 + random.number() / 2);
}

/**
 * Whether the failure of a try shows that the servers are overloaded. A try that its caller gave less time shows
 * nothing.
 */
export function isCongestion({ name }: UnderstudyError, { isLastTry }: { readonly isLastTry: boolean }): boolean {
  return name === 'OVERLOADED' || (name === 'TIMEOUT' && !isLastTry);
}

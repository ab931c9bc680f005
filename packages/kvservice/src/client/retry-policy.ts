/** What follows on each failure of a try: the one table. */
import type { FailureName, Random, UnderstudyError } from '@understudy/rpc';

/**
 * - `final`: the operation fails.
 * - `ask`: a newer view is looked for, and if none comes at once, the next try waits (C2).
 * - `pause`: the server is the right one but has too much to do; the next try waits as long as it said.
 * - `session`: the session is gone (S7).
 */
export type Verdict = 'final' | 'ask' | 'pause' | 'session';

const VERDICTS = {
  // What was asked is wrong: it would be so the next time and everywhere.
  PARSE_ERROR: 'final',
  INVALID_REQUEST: 'final',
  METHOD_NOT_FOUND: 'final',
  INVALID_PARAMS: 'final',
  TOO_LARGE: 'final',
  INVALID_VALUE: 'final',
  // A defect in the server: what it met once it may meet at every try, on every server alike. The user is to hear of it.
  INTERNAL_ERROR: 'final',
  // The result is gone for good, as is the moment that was read.
  RESULT_DROPPED: 'final',
  SNAPSHOT_UNKNOWN: 'final',
  // What HTTP says of a key; no method does.
  KEY_NOT_FOUND: 'final',
  PRECONDITION_FAILED: 'final',
  // Somebody has to delete something, or give the servers more memory: the user is to hear of it at once.
  NO_SPACE: 'final',
  // A disk's; no client hears of them.
  STORE_IN_USE: 'final',
  STORE_DAMAGED: 'final',
  STORE_FOREIGN: 'final',
  STORE_FAILED: 'final',
  // The transport was closed, by this client or by its owner.
  CLOSED: 'final',

  // The wrong server, or one that cannot serve now: the view may have changed, or soon will.
  NOT_PRIMARY: 'ask',
  NOT_READY: 'ask',
  STALE_VIEW: 'ask',
  RECOVERING: 'ask',
  CONFLICTING_SERVER: 'ask',
  // No answer: the primary may be dead. The next try bears the same (session, seq), so it is safe.
  OUTCOME_UNKNOWN: 'ask',
  UNREACHABLE: 'ask',
  CONNECTION_LOST: 'ask',
  TIMEOUT: 'ask',
  // Of a try, not of the caller: somebody else gave up on the way.
  ABORTED: 'ask',

  OVERLOADED: 'pause',
  SESSION_UNKNOWN: 'session',
} as const satisfies Record<FailureName, Verdict>;

export function verdictOn(failure: UnderstudyError): Verdict {
  const { name, definite } = failure;
  // Not the server's word on the request, but an answer that makes no sense: as good as none.
  if (!definite && (name === 'PARSE_ERROR' || name === 'INVALID_REQUEST')) return 'ask';
  return VERDICTS[name];
}

/** A wait of up to `ms`, at least half of it: clients do not come back all at once (C2), and none finds a new primary late. */
export function jittered(ms: number, random: Random): number {
  return ms * (0.5 + random.number() / 2);
}

const LONGEST_PAUSE_MS = 10_000;

/** How long to leave an overloaded server alone: as long as it said, up to half as much more. */
export function pauseAfter(failure: UnderstudyError, otherwiseMs: number, random: Random): number {
  const { retryAfterMs } = failure.data;
  const told = typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : otherwiseMs;
  return Math.min(told, LONGEST_PAUSE_MS) * (1 + random.number() / 2);
}

/** Whether the failure of a try says that the servers have too much to do. A try that its caller gave less time says nothing. */
export function isCongestion({ name }: UnderstudyError, { isLastTry }: { readonly isLastTry: boolean }): boolean {
  return name === 'OVERLOADED' || (name === 'TIMEOUT' && !isLastTry);
}

/** The HTTP status of each failure, where a page answers with it. */
import type { FailureName, UnderstudyError } from './failure.ts';

const STATUSES = {
  PARSE_ERROR: 400,
  INVALID_REQUEST: 400,
  METHOD_NOT_FOUND: 404,
  INVALID_PARAMS: 400,
  INTERNAL_ERROR: 500,
  TOO_LARGE: 413,
  KEY_NOT_FOUND: 404,
  NO_SPACE: 507,
  PRECONDITION_FAILED: 412,
  SNAPSHOT_UNKNOWN: 410,
  // Nobody can serve it now; later somebody may.
  NOT_PRIMARY: 503,
  NOT_READY: 503,
  OVERLOADED: 503,
  RECOVERING: 503,
  STALE_VIEW: 503,
  CONFLICTING_SERVER: 503,
  SESSION_UNKNOWN: 503,
  UNREACHABLE: 503,
  CLOSED: 503,
  ABORTED: 503,
  // On the way to whoever should do it the trace was lost.
  RESULT_DROPPED: 502,
  OUTCOME_UNKNOWN: 502,
  CONNECTION_LOST: 502,
  INVALID_VALUE: 409,
  TIMEOUT: 504,
  STORE_IN_USE: 500,
  STORE_DAMAGED: 500,
  STORE_FOREIGN: 500,
  STORE_FAILED: 500,
} as const satisfies Record<FailureName, number>;

export function statusOf(name: FailureName): number {
  return STATUSES[name];
}

/** HTTP counts whole seconds. */
export function retryAfterOf({ data }: UnderstudyError): Readonly<Record<string, string>> {
  const { retryAfterMs } = data;
  return typeof retryAfterMs === 'number' ? { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) } : {};
}

/** The HTTP status of each failure, for answers of pages. */
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
  // No server can serve it now, but one may later.
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
  // The outcome was lost on the way to the server that executes it.
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

/** The Retry-After header, in whole seconds. */
export function retryAfterOf({ data }: UnderstudyError): Readonly<Record<string, string>> {
  const { retryAfterMs } = data;
  return typeof retryAfterMs === 'number' ? { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) } : {};
}

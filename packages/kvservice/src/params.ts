/**
 * Converts the params of the service's methods to events. Wrong params are refused here with the name of the field, so
 * the core only sees valid requests.
 */
import { fields, type Params, type Reply, UnderstudyError } from '@understudy/rpc';
import type { Origin } from './contract.ts';
import type { Query, ReadEvent, Requester, SnapshotReadEvent, WriteEvent } from './core/event.ts';
import type { Operation } from './core/operation.ts';

/** The reply handle of a request, of which only the address is used. */
type Asker = Pick<Reply, 'from'>;

/** Limits in bytes of UTF-8. */
export interface TextBounds {
  readonly maxKeyBytes: number;
  readonly maxValueBytes: number;
}

export const DEFAULT_BOUNDS: TextBounds = { maxKeyBytes: 1024, maxValueBytes: 1024 * 1024 };
const MAX_PAGE = 1000;
const MAX_NAME_BYTES = 256;
const CONSISTENCIES = ['linearizable', 'sequential'] as const;

export function readGet(params: Params, requester: Requester, bounds: TextBounds): ReadEvent {
  const consistency = fields.optionalOneOf(params, 'consistency', CONSISTENCIES);
  const atLeast = fields.optionalWhole(params, 'atLeast');
  const query: Query = { kind: 'get', key: keyOf(params, bounds) };
  return { kind: 'read', requester, query, consistency, atLeast };
}

export function readScan(params: Params, requester: Requester, bounds: TextBounds): ReadEvent | SnapshotReadEvent {
  const consistency = fields.optionalOneOf(params, 'consistency', CONSISTENCIES);
  const atLeast = fields.optionalWhole(params, 'atLeast');
  // A bound may be one character longer than a key, because a page starts just after a key.
  const edge = { maxBytes: bounds.maxKeyBytes + 4 };
  const prefix = fields.optionalText(params, 'prefix', edge);
  const start = fields.optionalText(params, 'start', edge);
  const end = fields.optionalText(params, 'end', edge);
  const reverse = fields.optionalBoolean(params, 'reverse');
  const limit = fields.optionalWhole(params, 'limit', { min: 1 }) ?? MAX_PAGE;
  const snapshot = fields.optionalText(params, 'snapshot', { nonEmpty: true, maxBytes: MAX_NAME_BYTES });
  const query = {
    limit: Math.min(limit, MAX_PAGE),
    ...(prefix === undefined ? {} : { prefix }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(reverse === undefined ? {} : { reverse }),
  };
  if (snapshot !== undefined && atLeast !== undefined) throw invalid('atLeast', 'atLeast does not go with a snapshot');
  if (snapshot !== undefined) return { kind: 'snapshot-read', requester, snapshot, query };
  return { kind: 'read', requester, query: { kind: 'scan', query }, consistency, atLeast };
}

export function readWrite(
  kind: 'put' | 'append' | 'putHash',
  params: Params,
  requester: Asker,
  bounds: TextBounds,
): WriteEvent {
  const key = keyOf(params, bounds);
  const value = fields.text(params, 'value', { maxBytes: bounds.maxValueBytes });
  return write(params, requester, { kind, key, value });
}

export function readDelete(params: Params, requester: Asker, bounds: TextBounds): WriteEvent {
  return write(params, requester, { kind: 'delete', key: keyOf(params, bounds) });
}

export function readCas(params: Params, requester: Asker, bounds: TextBounds): WriteEvent {
  const limits = { maxBytes: bounds.maxValueBytes };
  const key = keyOf(params, bounds);
  const value = fields.textOrNull(params, 'value', limits);
  const revision = fields.optionalWhole(params, 'revision');
  if (revision === undefined) {
    const expected = fields.textOrNull(params, 'expected', limits);
    return write(params, requester, { kind: 'cas', key, expected, value });
  }
  if (params.expected !== undefined) throw invalid('expected', 'expected does not go with a revision');
  return write(params, requester, { kind: 'casRevision', key, revision, value });
}

export function readOpenSession(params: Params, requester: Asker): WriteEvent {
  const client = fields.text(params, 'client', { maxBytes: MAX_NAME_BYTES });
  return { kind: 'write', requester, operation: { kind: 'openSession', client }, from: requester.from };
}

/** Reads `kv.closeSession`. The operation has no seq, because it ends the session's seqs. */
export function readCloseSession(params: Params, requester: Asker): WriteEvent {
  const session = fields.text(params, 'session', { nonEmpty: true, maxBytes: MAX_NAME_BYTES });
  return { kind: 'write', requester, operation: { kind: 'expireSession', session } };
}

function keyOf(params: Params, bounds: TextBounds): string {
  return fields.text(params, 'key', { nonEmpty: true, maxBytes: bounds.maxKeyBytes });
}

function write(params: Params, requester: Asker, operation: Operation): WriteEvent {
  return { kind: 'write', requester, operation, origin: originOf(params), from: requester.from };
}

/** Reads the session fields: either all of them or none (S2, S8). */
function originOf(params: Params): Origin | undefined {
  const session = fields.optionalText(params, 'session', { nonEmpty: true, maxBytes: MAX_NAME_BYTES });
  if (session === undefined) {
    for (const field of ['seq', 'acked'])
      if (params[field] !== undefined) throw invalid(field, `${field} goes with a session`);
    return undefined;
  }
  const seq = fields.whole(params, 'seq', { min: 1 });
  const acked = fields.optionalWhole(params, 'acked') ?? 0;
  if (acked >= seq)
    throw invalid('acked', 'acked must be below seq: an operation that was acknowledged is not sent again');
  return { session, seq, acked };
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}

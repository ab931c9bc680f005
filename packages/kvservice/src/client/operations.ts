/**
 * The operations of the client as they are sent: the method and parameters of each, the checks before sending, and how
 * its answer is read. The checks are the same as the servers', so a wrong argument fails at once and is definitely not
 * done.
 */
import { fields, type Params, UnderstudyError } from '@understudy/rpc';
import type {
  CasResult,
  Consistency,
  GetResult,
  OpenSnapshotResult,
  PutResult,
  ScanEntry,
  ScanResult,
} from '../contract.ts';
import type { Limits } from './options.ts';
import type { Revisions } from './revisions.ts';

/** What the retry loop needs to know about an operation. */
export interface Traits {
  /** The name in messages and notices. */
  readonly name: string;
  /** The operation may change data. It is then numbered in a session (S2), and its outcome can be unknown (S6). */
  readonly changes: boolean;
  /** The consistencies that a caller may request. */
  readonly consistencies: readonly Consistency[];
  /** An operation that the client needs for others. It does not wait behind them. */
  readonly isOwn?: boolean;
}

export interface Operation<Request extends Params, Result> extends Traits {
  readonly method: string;
  /** The operation as part of `kv.batch`, without its seq; absent if it is always sent alone. */
  readonly pack?: (request: Request) => unknown[];
  /** Throws INVALID_PARAMS or TOO_LARGE; the error names the field. */
  check(request: Request, limits: Limits): void;
  /** Returns the caller's result. Throws like `check` if the answer does not match the wire contract. */
  read(answer: Params, revisions: Revisions): Result;
}

export interface KeyRequest extends Params {
  readonly key: string;
}
export interface ValueRequest extends KeyRequest {
  readonly value: string;
}
export interface CasRequest extends KeyRequest {
  readonly expected: string | null;
  readonly value: string | null;
}
export interface CasRevisionRequest extends KeyRequest {
  readonly revision: number;
  readonly value: string | null;
}
export interface ScanRequest extends Params {
  readonly prefix?: string;
  readonly start?: string;
  readonly end?: string;
  readonly limit: number;
  readonly reverse?: boolean;
  readonly snapshot?: string;
}

const NEWEST: readonly Consistency[] = ['linearizable'];

export const GET: Operation<KeyRequest, string | undefined> = {
  name: 'get',
  method: 'kv.get',
  changes: false,
  consistencies: ['linearizable', 'sequential'],
  pack: ({ key }) => ['get', key],
  check: checkKey,
  read: (answer, revisions) => {
    const value = fields.textOrNull(answer, 'value');
    readRevision(answer, revisions);
    return value ?? undefined;
  },
};

/** As `GET`, but returns the value with its revision. */
export const READ: Operation<KeyRequest, GetResult> = {
  ...GET,
  read: (answer, revisions) => ({ value: fields.textOrNull(answer, 'value'), ...readRevision(answer, revisions) }),
};

export const PUT: Operation<ValueRequest, PutResult> = {
  name: 'put',
  method: 'kv.put',
  changes: true,
  consistencies: NEWEST,
  pack: ({ key, value }) => ['put', key, value],
  check: checkKeyAndValue,
  read: readRevision,
};

export const APPEND: Operation<ValueRequest, PutResult> = {
  ...PUT,
  name: 'append',
  method: 'kv.append',
  pack: ({ key, value }) => ['append', key, value],
};

export const PUT_HASH: Operation<ValueRequest, string> = {
  name: 'putHash',
  method: 'kv.putHash',
  changes: true,
  consistencies: NEWEST,
  pack: ({ key, value }) => ['putHash', key, value],
  check: checkKeyAndValue,
  read: (answer, revisions) => {
    readRevision(answer, revisions);
    return fields.text(answer, 'previous');
  },
};

export const DELETE: Operation<KeyRequest, boolean> = {
  name: 'delete',
  method: 'kv.delete',
  changes: true,
  consistencies: NEWEST,
  pack: ({ key }) => ['delete', key],
  check: checkKey,
  read: (answer, revisions) => {
    readRevision(answer, revisions);
    return fields.boolean(answer, 'deleted');
  },
};

export const CAS: Operation<CasRequest, boolean> = {
  name: 'cas',
  method: 'kv.cas',
  changes: true,
  consistencies: NEWEST,
  pack: ({ key, expected, value }) => ['cas', key, expected, value],
  check: (request, limits) => {
    checkKey(request, limits);
    checkText(request, 'expected', limits);
    checkText(request, 'value', limits);
  },
  read: (answer, revisions) => {
    readRevision(answer, revisions);
    return fields.boolean(answer, 'swapped');
  },
};

export const CAS_REVISION: Operation<CasRevisionRequest, CasResult> = {
  name: 'casRevision',
  method: 'kv.cas',
  changes: true,
  consistencies: NEWEST,
  pack: ({ key, revision, value }) => ['casRevision', key, revision, value],
  check: (request, limits) => {
    checkKey(request, limits);
    fields.whole(request, 'revision');
    checkText(request, 'value', limits);
  },
  read: (answer, revisions) => ({
    swapped: fields.boolean(answer, 'swapped'),
    current: fields.textOrNull(answer, 'current'),
    ...readRevision(answer, revisions),
  }),
};

/** Reads one page of a range. */
export const SCAN: Operation<ScanRequest, ScanResult> = {
  name: 'scan',
  method: 'kv.scan',
  changes: false,
  consistencies: NEWEST,
  check: (request, limits) => {
    fields.optionalText(request, 'prefix', limits.bound);
    fields.optionalText(request, 'start', limits.bound);
    fields.optionalText(request, 'end', limits.bound);
    fields.whole(request, 'limit', { min: 1 });
    fields.optionalBoolean(request, 'reverse');
  },
  read: (answer, revisions) => {
    const { entries } = answer;
    const more = fields.boolean(answer, 'more');
    if (!Array.isArray(entries)) throw new UnderstudyError('INVALID_PARAMS', 'entries must be a list');
    if (more && entries.length === 0)
      throw new UnderstudyError('INVALID_PARAMS', 'entries is empty, yet there are more');
    return { entries: entries.map((entry) => readEntry(entry, revisions)), more };
  },
};

/** A retry may open a second snapshot. That does no harm, because an unread snapshot is dropped. */
export const OPEN_SNAPSHOT: Operation<Params, OpenSnapshotResult> = {
  name: 'snapshot',
  method: 'kv.openSnapshot',
  changes: false,
  consistencies: NEWEST,
  check: () => {},
  read: (answer, revisions) => ({
    snapshot: fields.text(answer, 'snapshot', { nonEmpty: true }),
    keys: fields.whole(answer, 'keys'),
    ...readRevision(answer, revisions),
  }),
};

/**
 * A retry may open a second session. That does no harm, because an unused session expires. So this counts as an
 * operation that changes nothing.
 */
export const OPEN_SESSION: Operation<{ readonly client: string }, string> = {
  name: 'openSession',
  method: 'kv.openSession',
  isOwn: true,
  changes: false,
  consistencies: NEWEST,
  check: () => {},
  read: (answer) => fields.text(answer, 'session', { nonEmpty: true }),
};

/** Reads a server's answer with the operation. A malformed answer is a defect of the server. */
export function resultOf<Request extends Params, Result>(
  operation: Operation<Request, Result>,
  answer: unknown,
  revisions: Revisions,
): Result {
  try {
    return operation.read(fields.object({ answer }, 'answer'), revisions);
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    throw new UnderstudyError('INTERNAL_ERROR', `${operation.method} was answered with nonsense: ${error.message}`);
  }
}

function checkKey(request: KeyRequest, limits: Limits): void {
  fields.text(request, 'key', limits.key);
}

function checkKeyAndValue(request: ValueRequest, limits: Limits): void {
  checkKey(request, limits);
  if (typeof request.value !== 'string') throw notText('value');
  fields.text(request, 'value', limits.value);
}

/** Checks a text or null. */
function checkText(request: Params, field: string, limits: Limits): void {
  const { [field]: value } = request;
  if (typeof value === 'string') fields.text(request, field, limits.value);
  else if (value !== null) throw notText(field);
}

function notText(field: string): UnderstudyError {
  const message = `${field} must be text: use JSON.stringify, or give the client a codec, such as codecs.json()`;
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}

function readRevision(answer: Params, revisions: Revisions): PutResult {
  return { revision: revisions.see(fields.whole(answer, 'revision')) };
}

function readEntry(told: unknown, revisions: Revisions): ScanEntry {
  const entry = fields.object({ entry: told }, 'entry');
  return { key: fields.text(entry, 'key'), value: fields.text(entry, 'value'), ...readRevision(entry, revisions) };
}

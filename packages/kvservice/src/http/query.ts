/** Reads the query of a request for keys. Wrong or unknown parameters are refused by name. */
import { UnderstudyError } from '@understudy/rpc';
import type { Consistency } from '../contract.ts';

type Query = Readonly<Record<string, string>>;

export interface KeyQuery {
  readonly consistency: Consistency;
  /** The lowest revision that the answer may show. */
  readonly atLeast: number | undefined;
  readonly timeoutMs: number;
}

export interface ListQuery extends KeyQuery {
  readonly prefix: string;
  readonly limit: number;
  /** The last key of the previous page. */
  readonly after: string | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const LONGEST_TIMEOUT_MS = 60_000;
/** The entries in one page: the most that a server returns at once. */
const MOST_ENTRIES = 1_000;

export function readKeyQuery(query: Query): KeyQuery {
  refuseOthers(query, ['consistency', 'atLeast', 'timeout']);
  return keyQueryOf(query);
}

export function readWriteQuery(query: Query): Pick<KeyQuery, 'timeoutMs'> {
  refuseOthers(query, ['timeout']);
  return { timeoutMs: timeoutOf(query) };
}

export function readListQuery(query: Query): ListQuery {
  refuseOthers(query, ['prefix', 'limit', 'after', 'consistency', 'atLeast', 'timeout']);
  const { prefix = '', after } = query;
  const limit = wholeOf(query, 'limit', 1, Number.MAX_SAFE_INTEGER) ?? MOST_ENTRIES;
  return { prefix, limit: Math.min(limit, MOST_ENTRIES), after, ...keyQueryOf(query) };
}

function keyQueryOf(query: Query): KeyQuery {
  const { consistency = 'linearizable' } = query;
  if (consistency !== 'linearizable' && consistency !== 'sequential') {
    throw invalid('consistency', 'consistency must be linearizable or sequential');
  }
  const atLeast = wholeOf(query, 'atLeast', 0, Number.MAX_SAFE_INTEGER);
  return { consistency, atLeast, timeoutMs: timeoutOf(query) };
}

function timeoutOf(query: Query): number {
  return wholeOf(query, 'timeout', 1, LONGEST_TIMEOUT_MS) ?? DEFAULT_TIMEOUT_MS;
}

function wholeOf(query: Query, field: string, min: number, max: number): number | undefined {
  const text = query[field];
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw invalid(field, `${field} must be a whole number from ${min} to ${max}`);
}

function refuseOthers(query: Query, known: readonly string[]): void {
  const other = Object.keys(query).find((name) => !known.includes(name));
  if (other !== undefined) throw invalid(other, `${other} is not known here; there are ${known.join(', ')}`);
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}

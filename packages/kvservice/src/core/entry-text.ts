/**
 * Encodes an entry as text, for sending it in pieces, and decodes it.
 *
 * Decoding checks every field. Each piece was checked on arrival, but together they may still not form an entry, and
 * entries in the log are not checked again.
 */
import type { Entry, Operation } from './operation.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

export function textOfEntry({ viewnum, operation, origin }: Entry): string {
  return JSON.stringify({ viewnum, operation, origin });
}

/** Decodes an entry; undefined if the text is not a valid entry. */
export function entryFrom(text: string): Entry | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(entry) || !isWhole(entry.viewnum) || !isOperation(entry.operation)) return undefined;
  const { viewnum, operation, origin } = entry as Fields & Pick<Entry, 'viewnum'> & { operation: Operation };
  if (origin === undefined) return { viewnum, operation };
  if (!hasFields(origin, { session: isName, seq: isWhole, acked: isWhole })) return undefined;
  const { session, seq, acked } = origin as unknown as NonNullable<Entry['origin']>;
  return seq > acked ? { viewnum, operation, origin: { session, seq, acked } } : undefined;
}

const FIELDS: Readonly<Record<Operation['kind'], Readonly<Record<string, Check>>>> = {
  put: { key: isText, value: isText },
  append: { key: isText, value: isText },
  putHash: { key: isText, value: isText },
  delete: { key: isText },
  cas: { key: isText, expected: isTextOrNull, value: isTextOrNull },
  casRevision: { key: isText, revision: isWhole, value: isTextOrNull },
  openSession: { client: isText },
  expireSession: { session: isText },
  nothing: {},
};

function isOperation(operation: unknown): boolean {
  if (!isObject(operation) || !isText(operation.kind) || !Object.hasOwn(FIELDS, operation.kind as string)) return false;
  return hasFields(operation, FIELDS[operation.kind as Operation['kind']]);
}

function hasFields(value: unknown, checks: Readonly<Record<string, Check>>): boolean {
  return isObject(value) && Object.entries(checks).every(([field, check]) => check(value[field]));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * Reads the fields of a request's params. Each reader returns the value, or throws INVALID_PARAMS or TOO_LARGE with the
 * name of the field.
 */
import { UnderstudyError } from './failure.ts';
import type { Params } from './transport.ts';

export interface TextLimits {
  /** The most UTF-8 bytes; a longer text is TOO_LARGE. */
  readonly maxBytes?: number;
  /** Refuses "". */
  readonly nonEmpty?: boolean;
}

export interface WholeLimits {
  /** Default 0. */
  readonly min?: number;
  /** Default 2^53 - 1. */
  readonly max?: number;
}

/** Null never means absent. An optional field is either left out or holds a valid value. */
export const fields = {
  text,
  textOrNull,
  whole,
  boolean,
  oneOf,
  textList,
  object,
  optionalText: (params: Params, field: string, limits?: TextLimits): string | undefined =>
    params[field] === undefined ? undefined : text(params, field, limits),
  optionalWhole: (params: Params, field: string, limits?: WholeLimits): number | undefined =>
    params[field] === undefined ? undefined : whole(params, field, limits),
  optionalBoolean: (params: Params, field: string): boolean | undefined =>
    params[field] === undefined ? undefined : boolean(params, field),
  optionalOneOf: <const T extends string>(params: Params, field: string, choices: readonly T[]): T | undefined =>
    params[field] === undefined ? undefined : oneOf(params, field, choices),
  optionalObject: (params: Params, field: string): Params | undefined =>
    params[field] === undefined ? undefined : object(params, field),
} as const;

/** Reads well-formed text: no half of a surrogate pair, which UTF-8 cannot encode. */
function text(params: Params, field: string, limits: TextLimits = {}): string {
  return checkedText(params[field], field, limits);
}

function textOrNull(params: Params, field: string, limits: TextLimits = {}): string | null {
  const value = params[field];
  return value === null ? null : checkedText(value, field, limits, 'text or null');
}

/** Reads a whole number that a double represents exactly. */
function whole(params: Params, field: string, limits: WholeLimits = {}): number {
  const value = params[field];
  const min = limits.min ?? 0;
  const max = limits.max ?? Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw wrong(field, value, `a whole number from ${min} to ${max}`);
  }
  return value + 0; // -0 becomes 0
}

function boolean(params: Params, field: string): boolean {
  const value = params[field];
  if (typeof value !== 'boolean') throw wrong(field, value, 'true or false');
  return value;
}

function oneOf<const T extends string>(params: Params, field: string, choices: readonly T[]): T {
  const value = params[field];
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw wrong(field, value, `one of ${choices.join(', ')}`);
  return choice;
}

/** Reads a list of texts. The limits apply to each text. */
function textList(params: Params, field: string, limits: TextLimits = {}): readonly string[] {
  const value = params[field];
  if (!Array.isArray(value)) throw wrong(field, value, 'a list of texts');
  return value.map((item: unknown) => checkedText(item, field, limits, 'a list of texts'));
}

function object(params: Params, field: string): Params {
  const value = params[field];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(field, value, 'an object');
  return value as Params;
}

function checkedText(value: unknown, field: string, limits: TextLimits, wanted = 'text'): string {
  if (typeof value !== 'string') throw wrong(field, value, wanted);
  if (limits.nonEmpty === true && value === '') throw invalid(field, `${field} must not be empty`);
  if (!isWellFormed(value)) throw invalid(field, `${field} has half of a surrogate pair, which no UTF-8 can carry`);
  if (limits.maxBytes !== undefined) assertFits(value, field, limits.maxBytes);
  return value;
}

function assertFits(value: string, field: string, maxBytes: number): void {
  if (value.length * 3 <= maxBytes) return; // a UTF-16 unit takes at most three bytes of UTF-8
  const bytes = Buffer.byteLength(value);
  if (bytes <= maxBytes) return;
  throw new UnderstudyError('TOO_LARGE', `${field} has ${bytes} bytes, more than ${maxBytes}`, {
    data: { field, bytes, maxBytes },
  });
}

/** Node 20 has `isWellFormed`, but the ES2023 type library does not declare it yet. */
function isWellFormed(value: string): boolean {
  return (value as string & { isWellFormed(): boolean }).isWellFormed();
}

function wrong(field: string, value: unknown, wanted: string): UnderstudyError {
  return value === undefined
    ? invalid(field, `${field} is missing: it must be ${wanted}`)
    : invalid(field, `${field} must be ${wanted}`);
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}

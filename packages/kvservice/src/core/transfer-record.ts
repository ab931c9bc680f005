/**
 * Checks the records of a state transfer, field by field.
 *
 * A chunk is checked when it arrives, and a record that came in pieces when its last piece has arrived. An invalid
 * record must not be stored: clients would get answers from it, and a record without a key or a result would crash the
 * process much later.
 */

import type { TransferRecord } from './message.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

/** Returns the first wrong field, such as `cell.value`; undefined if the record is valid. */
export function faultOf(record: unknown): string | undefined {
  if (!isObject(record)) return 'record';
  switch (record.kind) {
    case 'cell':
      return wrongField(record, { key: isText }) ?? within('cell', record.cell, { value: isText, revision: isWhole });
    case 'session':
      return wrongField(record, { id: isName, client: isText, acked: isWhole, textAt: isOptionalWhole });
    case 'remembered':
      return wrongField(record, { seq: isWhole, digest: isOptionalWhole }) ?? outcomeFault(record.outcome);
    default:
      return 'kind';
  }
}

/** Decodes a record; undefined if the text is not a valid record. */
export function recordFrom(text: string): TransferRecord | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  return faultOf(record) === undefined ? (record as TransferRecord) : undefined;
}

/** The fields that a result may have. */
const RESULT: Readonly<Record<string, Check>> = {
  revision: isWhole,
  previous: isText,
  deleted: isBoolean,
  swapped: isBoolean,
  current: (value) => value === null || isText(value),
  session: isText,
};
const REFUSALS: readonly unknown[] = ['SESSION_UNKNOWN', 'RESULT_DROPPED', 'TOO_LARGE'];

function outcomeFault(outcome: unknown): string | undefined {
  if (!isObject(outcome)) return 'outcome';
  if (outcome.kind === 'refused') {
    return within('outcome', outcome, { failure: (value) => REFUSALS.includes(value), message: isText });
  }
  if (outcome.kind !== 'result') return 'outcome.kind';
  const { result } = outcome;
  if (!isObject(result)) return 'outcome.result';
  for (const field in result) if (RESULT[field]?.(result[field]) !== true) return `outcome.result.${field}`;
  return undefined;
}

function within(outer: string, value: unknown, checks: Readonly<Record<string, Check>>): string | undefined {
  if (!isObject(value)) return outer;
  const field = wrongField(value, checks);
  return field === undefined ? undefined : `${outer}.${field}`;
}

function wrongField(value: Fields, checks: Readonly<Record<string, Check>>): string | undefined {
  for (const field in checks) if (checks[field]?.(value[field]) !== true) return field;
  return undefined;
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

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isOptionalWhole(value: unknown): boolean {
  return value === undefined || isWhole(value);
}

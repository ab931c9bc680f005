/** Sealed records: text, JSON as a rule, behind a checksum, so that damage on a disk shows. */
import { crc32 } from 'node:zlib';
import type { StoredEntry } from './disk.ts';
import { UnderstudyError } from './failure.ts';

/** Hexadecimal digits of a CRC-32. */
const SUM_DIGITS = 8;

/** The sum covers the key too: a record in the wrong place is damaged. */
export function seal(key: string, value: unknown): string {
  return sealText(key, JSON.stringify(value));
}

/** Throws STORE_DAMAGED, naming the key. */
export function unseal(entry: StoredEntry): unknown {
  const text = unsealText(entry);
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(`${entry[0]} is not JSON`);
  }
}

/** Of a record that is no JSON; the text has to be well-formed. */
export function sealText(key: string, text: string): string {
  return sumOf(key, text) + text;
}

/** Throws STORE_DAMAGED, naming the key. */
export function unsealText([key, stored]: StoredEntry): string {
  const text = stored.slice(SUM_DIGITS);
  if (sumOf(key, text) !== stored.slice(0, SUM_DIGITS)) throw damaged(`the checksum of ${key} is wrong`);
  return text;
}

function damaged(what: string): UnderstudyError {
  return new UnderstudyError('STORE_DAMAGED', what);
}

/** Of both one after the other, without putting them together. */
function sumOf(key: string, text: string): string {
  return crc32(text, crc32(key)).toString(16).padStart(SUM_DIGITS, '0');
}

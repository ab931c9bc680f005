/** Sealed records: text, usually JSON, with a checksum that reveals damage on disk. */
import { crc32 } from 'node:zlib';
import type { StoredEntry } from './disk.ts';
import { UnderstudyError } from './failure.ts';

/** The hexadecimal digits of a CRC-32. */
const SUM_DIGITS = 8;

/** Seals a record. The checksum covers the key too, so a record under the wrong key counts as damaged. */
export function seal(key: string, value: unknown): string {
  return sealText(key, JSON.stringify(value));
}

/** Opens a sealed record. Throws STORE_DAMAGED, which names the key. */
export function unseal(entry: StoredEntry): unknown {
  const text = unsealText(entry);
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(`${entry[0]} is not JSON`);
  }
}

/** Seals a record that is not JSON. The text must be well-formed. */
export function sealText(key: string, text: string): string {
  return sumOf(key, text) + text;
}

/** Opens a sealed record that is not JSON. Throws STORE_DAMAGED, which names the key. */
export function unsealText([key, stored]: StoredEntry): string {
  const text = stored.slice(SUM_DIGITS);
  if (sumOf(key, text) !== stored.slice(0, SUM_DIGITS)) throw damaged(`the checksum of ${key} is wrong`);
  return text;
}

function damaged(what: string): UnderstudyError {
  return new UnderstudyError('STORE_DAMAGED', what);
}

/** The checksum of key and text in sequence, without concatenating them. */
function sumOf(key: string, text: string): string {
  return crc32(text, crc32(key)).toString(16).padStart(SUM_DIGITS, '0');
}

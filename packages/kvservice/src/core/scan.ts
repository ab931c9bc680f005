/** Reads one page of a scan, from the present data or a snapshot. */
import { compareUtf8 } from '@understudy/rpc';
import type { ScanEntry, ScanResult } from '../contract.ts';
import type { Cell } from './cell.ts';
import type { OrderedPairs } from './ordered-map.ts';

/** Keys with `start <= key < end` that begin with `prefix`. */
export interface ScanQuery {
  readonly prefix?: string;
  readonly start?: string;
  readonly end?: string;
  readonly limit: number;
  readonly reverse?: boolean;
}

export function scan(cells: OrderedPairs<Cell>, query: ScanQuery): ScanResult {
  const { prefix = '', start = '', end, limit, reverse = false } = query;
  const pairs = reverse
    ? cells.descending(least(end, prefix === '' ? undefined : prefix + ABOVE_EVERY_KEY))
    : cells.ascending(greatest(prefix, start));
  const entries: ScanEntry[] = [];
  let units = 0;
  for (const [key, cell] of pairs) {
    if (!key.startsWith(prefix)) break;
    if (reverse ? compareUtf8(key, start) < 0 : end !== undefined && compareUtf8(key, end) >= 0) break;
    if (entries.length === limit || units > PAGE_UNITS) return { entries, more: true };
    units += key.length + cell.value.length;
    entries.push({ key, value: cell.value, revision: cell.revision });
  }
  return { entries, more: false };
}

/** A page ends early after this many UTF-16 units of keys and values, so that the size of an answer is bounded. */
const PAGE_UNITS = 512 * 1024;

/** Appended to a prefix: a bound above every key with that prefix, for keys of up to 1,024 bytes. */
const ABOVE_EVERY_KEY = '\u{10ffff}'.repeat(257);

function greatest(a: string, b: string): string {
  return compareUtf8(a, b) >= 0 ? a : b;
}

function least(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareUtf8(a, b) <= 0 ? a : b;
}

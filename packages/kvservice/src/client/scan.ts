/** A scan: entries one by one, fetched page by page, each page where the one before ended. */
import { fields } from '@understudy/rpc';
import type { ScanEntry, ScanResult } from '../contract.ts';
import type { ScanRequest } from './operations.ts';
import { eachPageOf, type OperationOptions, type ScanOptions } from './options.ts';

/** Entries in one page, unless set otherwise. */
export const PAGE_SIZE = 256;

export type FetchPage = (request: ScanRequest, options: OperationOptions) => Promise<ScanResult>;

/**
 * `read`: what becomes of each entry. Each page is one linearizable read. It starts strictly behind the last key of the page before, so whatever changes between
 * two pages, no key comes twice and none that was there all the time is left out.
 */
export async function* scanPages<Entry>(
  fetch: FetchPage,
  read: (entry: ScanEntry) => Entry,
  options: ScanOptions,
): AsyncGenerator<Entry, void, undefined> {
  const given = fields.object({ options }, 'options');
  const each = eachPageOf(options, 'scan');
  const pageSize = fields.optionalWhole(given, 'pageSize', { min: 1 }) ?? PAGE_SIZE;
  let remaining = fields.optionalWhole(given, 'limit') ?? Infinity;
  let range = rangeOf(options);
  while (remaining > 0) {
    const { entries, more } = await fetch({ ...range, limit: Math.min(pageSize, remaining) }, each);
    yield* entries.map(read);
    remaining -= entries.length;
    const last = entries.at(-1);
    if (!more || last === undefined) return;
    range = range.reverse === true ? { ...range, end: last.key } : { ...range, start: justAfter(last.key) };
  }
}

/** The bounds as they are given; each page checks them. An empty prefix or start is no bound. */
export function rangeOf({ prefix = '', start = '', end, reverse }: ScanOptions): Omit<ScanRequest, 'limit'> {
  return {
    ...(prefix !== '' && { prefix }),
    ...(start !== '' && { start }),
    ...(end !== undefined && { end }),
    ...(reverse !== undefined && { reverse }),
  };
}

/** The first text after this one, in the order of UTF-8 bytes. */
function justAfter(key: string): string {
  return `${key}\u0000`;
}

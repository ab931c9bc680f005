/** A scan yields entries one by one and fetches them page by page. Each page starts where the previous one ended. */
import { fields } from '@understudy/rpc';
import type { ScanEntry, ScanResult } from '../contract.ts';
import type { ScanRequest } from './operations.ts';
import { eachPageOf, type OperationOptions, type ScanOptions } from './options.ts';

/** The default number of entries in one page. */
export const PAGE_SIZE = 256;

export type FetchPage = (request: ScanRequest, options: OperationOptions) => Promise<ScanResult>;

/**
 * Each page is one linearizable read. It starts strictly after the last key of the previous page. So whatever changes
 * between two pages, no key comes twice, and no key that exists the whole time is left out.
 *
 * @param read Converts each entry.
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

/** Returns the bounds as given; each page checks them. An empty prefix or start is no bound. */
export function rangeOf({ prefix = '', start = '', end, reverse }: ScanOptions): Omit<ScanRequest, 'limit'> {
  return {
    ...(prefix !== '' && { prefix }),
    ...(start !== '' && { start }),
    ...(end !== undefined && { end }),
    ...(reverse !== undefined && { reverse }),
  };
}

/** The first text after `key`, in the order of UTF-8 bytes. */
function justAfter(key: string): string {
  return `${key}\u0000`;
}

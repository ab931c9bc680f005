/** `scan [PREFIX]`: lists keys and values, in key order. */
import { UnderstudyError } from '@understudy/rpc';
import { integer } from '../options.ts';
import type { Operation } from './operation.ts';

export const SCAN: Operation = {
  name: 'scan',
  kind: 'read',
  description: 'List the keys that begin with PREFIX, and their values, in key order.',
  parameters: [{ name: 'PREFIX', whenLeftOut: 'all keys when left out' }],
  options: [{ name: 'limit', value: 'N', description: 'stop after so many', parse: integer(1) }],
  examples: [],
  notes: `
Prints one line a key: key, tab, value. With --json: { "entries": [{ "key", "value", "revision" }] }.
Entries come page by page: each page is of one moment, two pages are of two.`,
  run: async ({ kv, given: { words, limit }, last, entry: take }) => {
    let entries = 0;
    for await (const entry of kv.scan({ ...last, prefix: words[0], limit })) {
      await take(entry);
      // The scan may have waited for its reader until it was told to end.
      if (last.signal?.aborted === true)
        throw new UnderstudyError('ABORTED', 'the scan was cancelled', { definite: true });
      entries += 1;
    }
    return { kind: 'listed', entries, json: {} };
  },
};

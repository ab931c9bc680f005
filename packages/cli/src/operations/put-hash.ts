/** `put-hash KEY VALUE`: the lab's PutHash, whose results reveal a lost or doubled write. */
import { type Operation, word } from './operation.ts';

export const PUT_HASH: Operation = {
  name: 'put-hash',
  kind: 'write',
  description: 'Set KEY to the FNV-1a hash (32 bit, decimal) of its value followed by VALUE; print the value before.',
  parameters: [{ name: 'KEY' }, { name: 'VALUE' }],
  options: [],
  examples: [],
  notes: '\nPrints an empty line when KEY was absent; with --json: { "previous" }.',
  run: async ({ kv, given, last }) => {
    const previous = await kv.putHash(word(given, 0), word(given, 1), last);
    return { kind: 'value', value: previous, json: { previous } };
  },
};

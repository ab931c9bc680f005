/** `append KEY VALUE`: adds to the end of one value. */
import { type Operation, word } from './operation.ts';

export const APPEND: Operation = {
  name: 'append',
  kind: 'write',
  description: 'Add VALUE to the end of the value of KEY; an absent key counts as empty.',
  parameters: [{ name: 'KEY' }, { name: 'VALUE' }],
  options: [],
  examples: [],
  notes: '\nPrints `revision N`; with --json: { "revision" }.',
  run: async ({ kv, given, last }) => {
    const { revision } = await kv.append(word(given, 0), word(given, 1), last);
    return { kind: 'revision', revision, json: { revision } };
  },
};

/** `put KEY VALUE`: sets one value. */
import { type Operation, word } from './operation.ts';

export const PUT: Operation = {
  name: 'put',
  kind: 'write',
  description: 'Set KEY to VALUE.',
  parameters: [{ name: 'KEY' }, { name: 'VALUE' }],
  options: [],
  examples: [],
  notes: `
Prints \`revision N\`, the place of this write in the order of all writes; with --json: { "revision" }.
In a shell, a VALUE of - is read from stdin, as it is, its last newline included.
A value that begins with a dash goes behind \`--\`: understudy put -- flags -v`,
  run: async ({ kv, given, last }) => {
    const { revision } = await kv.put(word(given, 0), word(given, 1), last);
    return { kind: 'revision', revision, json: { revision } };
  },
};

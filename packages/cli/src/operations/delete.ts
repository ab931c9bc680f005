/** `delete KEY`: removes one key. */
import { type Operation, word } from './operation.ts';

export const DELETE: Operation = {
  name: 'delete',
  kind: 'write',
  description: 'Remove KEY.',
  parameters: [{ name: 'KEY' }],
  options: [],
  examples: [],
  notes: `
Prints true when the key was there, false when it was not; exits 0 either way, for now it is gone.
With --json: { "deleted" }.`,
  run: async ({ kv, given, last }) => {
    const deleted = await kv.delete(word(given, 0), last);
    return { kind: 'verdict', yes: deleted, noIsFailure: false, json: { deleted } };
  },
};

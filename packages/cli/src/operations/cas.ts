/** `cas KEY OLD NEW`: compare and swap. */
import { type Operation, word } from './operation.ts';

export const CAS: Operation = {
  name: 'cas',
  kind: 'write',
  description: 'Set KEY to NEW if its value is OLD.',
  parameters: [{ name: 'KEY' }, { name: 'OLD' }, { name: 'NEW' }],
  options: [
    {
      name: 'absent',
      value: 'WORD',
      description: 'as OLD or NEW, this word means that the key is absent',
      parse: (text) => text,
    },
  ],
  examples: [
    { purpose: 'Create a key if it is absent:', words: 'cas lock - me --absent -' },
    { purpose: 'Delete it if it still is mine:', words: 'cas lock me - --absent -' },
  ],
  notes: `
Prints true and exits 0 when it was swapped, prints false and exits 1 when not.
With --json: { "swapped" }, and exit code 0 either way.`,
  run: async ({ kv, given, last }) => {
    const meant = (text: string) => (text === given.absent ? null : text);
    const swapped = await kv.cas(word(given, 0), meant(word(given, 1)), meant(word(given, 2)), last);
    return { kind: 'verdict', yes: swapped, noIsFailure: true, json: { swapped } };
  },
};

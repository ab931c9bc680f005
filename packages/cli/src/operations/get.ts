/** `get KEY`: reads one value. */
import { type Operation, word } from './operation.ts';

export const GET: Operation = {
  name: 'get',
  kind: 'read',
  description: 'Print the value of KEY.',
  parameters: [{ name: 'KEY' }],
  options: [],
  examples: [],
  notes: `
An absent key prints \`KEY: not found\` on stderr and exits 1.
With --json: { "key", "value" }, the value null when absent, and exit code 0.`,
  run: async ({ kv, given, last }) => {
    const key = word(given, 0);
    const value = await kv.get(key, last);
    const json = { key, value: value ?? null };
    return value === undefined ? { kind: 'absent', key, json } : { kind: 'value', value, json };
  },
};

/** `understudy put KEY VALUE`: sets one value. */
import type { Command } from 'commander';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { printAnswer } from '../output.ts';

export function putCommand(): Command {
  return operationCommand('put')
    .description('Set KEY to VALUE.')
    .argument('<KEY>')
    .argument('<VALUE>')
    .addHelpText(
      'after',
      `
Prints \`revision N\`, the place of this write in the order of all writes; with --json: { "revision" }.
A value that begins with a dash goes behind \`--\`: understudy put -- flags -v`,
    )
    .action(async (key: string, value: string, options: CommonOptions) => {
      const { revision } = await perform(options, 'write', (kv, last) => kv.put(key, value, last));
      printAnswer(options, { revision }, `revision ${revision}`);
    });
}

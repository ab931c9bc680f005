/** `understudy append KEY VALUE`: adds to the end of one value. */
import type { Command } from 'commander';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { printAnswer } from '../output.ts';

export function appendCommand(): Command {
  return operationCommand('append')
    .description('Add VALUE to the end of the value of KEY; an absent key counts as empty.')
    .argument('<KEY>')
    .argument('<VALUE>')
    .addHelpText('after', '\nPrints `revision N`; with --json: { "revision" }.')
    .action(async (key: string, value: string, options: CommonOptions) => {
      const { revision } = await perform(options, 'write', (kv, last) => kv.append(key, value, last));
      printAnswer(options, { revision }, `revision ${revision}`);
    });
}

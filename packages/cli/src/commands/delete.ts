/** `understudy delete KEY`: removes one key. */
import type { Command } from 'commander';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { printAnswer } from '../output.ts';

export function deleteCommand(): Command {
  return operationCommand('delete')
    .description('Remove KEY.')
    .argument('<KEY>')
    .addHelpText(
      'after',
      `
Prints true when the key was there, false when it was not; exits 0 either way, for now it is gone.
With --json: { "deleted" }.`,
    )
    .action(async (key: string, options: CommonOptions) => {
      const deleted = await perform(options, 'write', (kv, last) => kv.delete(key, last));
      printAnswer(options, { deleted }, String(deleted));
    });
}

/** `understudy put-hash KEY VALUE`: the lab's PutHash, whose results betray a lost or a doubled write. */
import type { Command } from 'commander';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { printAnswer } from '../output.ts';

export function putHashCommand(): Command {
  return operationCommand('put-hash')
    .description('Set KEY to the FNV-1a hash (32 bit, decimal) of its value followed by VALUE; print the value before.')
    .argument('<KEY>')
    .argument('<VALUE>')
    .addHelpText('after', '\nPrints an empty line when KEY was absent; with --json: { "previous" }.')
    .action(async (key: string, value: string, options: CommonOptions) => {
      const previous = await perform(options, 'write', (kv, last) => kv.putHash(key, value, last));
      printAnswer(options, { previous }, previous);
    });
}

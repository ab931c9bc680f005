/** `understudy get KEY`: reads one value. */
import type { Command } from 'commander';
import { CommandFailure } from '../exit.ts';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { printAnswer } from '../output.ts';

export function getCommand(): Command {
  return operationCommand('get')
    .description('Print the value of KEY.')
    .argument('<KEY>')
    .addHelpText(
      'after',
      `
An absent key prints \`KEY: not found\` on stderr and exits 1.
With --json: { "key", "value" }, the value null when absent, and exit code 0.`,
    )
    .action(async (key: string, options: CommonOptions) => {
      const value = await perform(options, 'read', (kv, last) => kv.get(key, last));
      if (value === undefined && options.json !== true) throw new CommandFailure(`${key}: not found`);
      printAnswer(options, { key, value: value ?? null }, value ?? '');
    });
}

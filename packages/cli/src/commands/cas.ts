/** `understudy cas KEY OLD NEW`: compare and swap. */
import type { Command } from 'commander';
import { EXIT } from '../exit.ts';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { printAnswer } from '../output.ts';

interface CasOptions extends CommonOptions {
  readonly absent?: string;
}

export function casCommand(): Command {
  return operationCommand('cas')
    .description('Set KEY to NEW if its value is OLD.')
    .argument('<KEY>')
    .argument('<OLD>')
    .argument('<NEW>')
    .option('--absent <WORD>', 'as OLD or NEW, this word means that the key is absent')
    .addHelpText(
      'after',
      `
Prints true and exits 0 when it was swapped, prints false and exits 1 when not.
With --json: { "swapped" }, and exit code 0 either way.

Create a key if it is absent:      understudy cas lock - me --absent -
Delete it if it still is mine:     understudy cas lock me - --absent -`,
    )
    .action(async (key: string, old: string, next: string, options: CasOptions) => {
      const meant = (word: string) => (word === options.absent ? null : word);
      const swapped = await perform(options, 'write', (kv, last) => kv.cas(key, meant(old), meant(next), last));
      printAnswer(options, { swapped }, String(swapped));
      if (!swapped && options.json !== true) process.exitCode = EXIT.failure;
    });
}

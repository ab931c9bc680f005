/** `understudy status`: shows the view, and the state of every server. */
import { realWorld } from '@understudy/rpc';
import { Command } from 'commander';
import { inquire } from '../inquiry.ts';
import { reportInWords } from '../narrate/report.ts';
import { integer, jsonOption, monitorOption } from '../options.ts';
import { printAnswer } from '../output.ts';

interface Options {
  readonly monitor: readonly string[];
  readonly timeout: number;
  readonly json?: boolean;
}

export function statusCommand(): Command {
  return new Command('status')
    .description('Show the view and every server: role, revision, lag, last ping.')
    .addOption(monitorOption())
    .option('--timeout <MS>', 'how long to wait for the monitor, and then for the servers', integer(1), 2_000)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
REVISION is the last write that a server has applied, LAG how many a backup is behind.
Exits 0 when a monitor answered, even where there is no service; 1 when none did.`,
    )
    .action(async (options: Options) => {
      const world = realWorld();
      try {
        const report = await inquire({ world, monitors: options.monitor, timeoutMs: options.timeout });
        printAnswer(options, report, reportInWords(report));
      } finally {
        await world.transport.close();
      }
    });
}

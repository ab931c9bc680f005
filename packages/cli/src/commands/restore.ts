/** `understudy restore FILE`: loads a backup into a running, empty cluster. */
import type { Command } from 'commander';
import { openBackup, verifyBackup } from '../copy/backup-reader.ts';
import { Restore } from '../copy/restore.ts';
import { CommandFailure } from '../exit.ts';
import { fileFailure } from '../file-failure.ts';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { printAnswer } from '../output.ts';
import { counted } from '../words.ts';

export function restoreCommand(): Command {
  return operationCommand('restore')
    .description('Load the keys and values of a backup into a running cluster that has none.')
    .argument('<FILE>', 'written by `understudy backup`; a regular file, for it is read twice')
    .addHelpText(
      'after',
      `
First all of FILE is read: one that is cut off or was altered is refused, as is a cluster that holds a key, before anything
is changed. --timeout is that of one write. What somebody else writes meanwhile is not overwritten: the restore fails.
A restore that failed or was interrupted says how many keys are loaded. It does not go on where it was: begin again with an empty
cluster, a new one with empty data directories or the same with its keys deleted.`,
    )
    .action(async (file: string, options: CommonOptions) => {
      const { keys, revision, taken } = await readable(file, () => verifyBackup(file));
      await perform(options, 'read', async (kv, last) => {
        for await (const { key } of kv.scan({ ...last, limit: 1 })) {
          throw new CommandFailure(`the cluster is not empty: it holds ${JSON.stringify(key)}. Nothing was changed`);
        }
      });
      await perform(options, 'write', (kv, last) =>
        readable(file, async () => {
          const { pairs } = await openBackup(file);
          await new Restore(kv, keys, last).load(pairs);
        }),
      );
      printAnswer(
        options,
        { file, keys, revision, taken },
        `${counted(keys, 'key')} of ${taken}, as of revision ${revision}`,
      );
    });
}

async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const failure = fileFailure(file, error);
    throw failure === undefined ? error : new CommandFailure(failure);
  }
}

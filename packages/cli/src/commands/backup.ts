/** `understudy backup FILE`: a copy of all keys as they are at one moment. */
import type { Command } from 'commander';
import { backup } from '../copy/backup.ts';
import { targetOf } from '../copy/backup-target.ts';
import { bytesInWords } from '../copy/copied.ts';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { remark } from '../output/complaint.ts';
import { printAnswer } from '../output.ts';
import { counted } from '../words.ts';

interface Options extends CommonOptions {
  readonly force?: boolean;
}

export function backupCommand(): Command {
  return operationCommand('backup')
    .description('Write all keys and values, as they are at one moment, to a file, while the service goes on.')
    .argument('<FILE>', 'a regular file; written as FILE.partial, and renamed when all of it is on the disk')
    .option('--force', 'replace FILE if there is one')
    .addHelpText(
      'after',
      `
The file is JSON, one key and value a line, with a checksum at its end; \`understudy restore\` reads it. Sessions are not in
it: an operation that was under way when the copy was made is not known to a cluster that was restored from it. --timeout
is that of one page. When the primary fails meanwhile, the copy begins again with a later moment.
What ends early, by a failure, Ctrl-C, SIGTERM or SIGHUP, leaves no file behind, and an older FILE as it was.`,
    )
    .action(async (file: string, options: Options) => {
      const target = await targetOf(file, options.force === true);
      const { revision, keys, bytes, sha256 } = await perform(options, 'read', (kv, last) =>
        backup(kv, target, last, (text) => remark(text, options)),
      );
      const size = bytesInWords(bytes);
      const text = `${file}: ${counted(keys, 'key')} as of revision ${revision}, ${size}`;
      printAnswer(options, { file, keys, revision, bytes, sha256 }, text);
    });
}

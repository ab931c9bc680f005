/** `understudy backup FILE`: a copy of all keys as they are at one moment. */
import { existsSync } from 'node:fs';
import type { KVClient, OperationOptions } from '@understudy/kvservice';
import { realWorld, UnderstudyError } from '@understudy/rpc';
import type { Command } from 'commander';
import { BackupWriter, type Written } from '../copy/backup-writer.ts';
import { bytesInWords, copiedLine } from '../copy/copied.ts';
import { CommandFailure } from '../exit.ts';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { complain, printAnswer } from '../output.ts';
import { ProgressLine } from '../progress-line.ts';
import { counted } from '../words.ts';

interface Options extends CommonOptions {
  readonly force?: boolean;
}

interface Moment extends Written {
  readonly revision: number;
  readonly keys: number;
}

const PAGE_SIZE = 1_000;
/** Moments that are tried to copy: each ends with the server that holds it. */
const MOMENTS = 5;

export function backupCommand(): Command {
  return operationCommand('backup')
    .description('Write all keys and values, as they are at one moment, to a file, while the service goes on.')
    .argument('<FILE>', 'is written as FILE.partial, and renamed when all of it is on the disk')
    .option('--force', 'replace FILE if there is one')
    .addHelpText(
      'after',
      `
The file is JSON, one key and value a line, with a checksum at its end; \`understudy restore\` reads it. Sessions are not in
it: an operation that was under way when the copy was made is not known to a cluster that was restored from it. --timeout
is that of one page. When the primary fails meanwhile, the copy begins again with a later moment.`,
    )
    .action(async (file: string, options: Options) => {
      if (options.force !== true && existsSync(file)) {
        throw new CommandFailure(`${file} is there already: give another name, or --force to replace it`);
      }
      const { revision, keys, bytes, sha256 } = await perform(options, 'read', (kv, last) => copy(kv, file, last));
      const size = bytesInWords(bytes);
      const text = `${file}: ${counted(keys, 'key')} as of revision ${revision}, ${size}`;
      printAnswer(options, { file, keys, revision, bytes, sha256 }, text);
    });
}

async function copy(kv: KVClient, file: string, last: OperationOptions): Promise<Moment> {
  for (let left = MOMENTS - 1; ; left--) {
    try {
      return await copyMoment(kv, file, last);
    } catch (error) {
      if (!(error instanceof UnderstudyError) || error.name !== 'SNAPSHOT_UNKNOWN' || left === 0)
        throw named(file, error);
      complain('the server that held this moment is gone: beginning again with a later one');
    }
  }
}

async function copyMoment(kv: KVClient, file: string, last: OperationOptions): Promise<Moment> {
  const { clock } = realWorld();
  const snapshot = await kv.snapshot(last);
  const { revision, keys } = snapshot;
  const taken = new Date(clock.wallNow()).toISOString();
  await using writer = await BackupWriter.open(file, { revision, keys, taken });
  let done = 0;
  using _progress = process.stderr.isTTY
    ? new ProgressLine(process.stderr, clock, (elapsedMs) => copiedLine({ done, keys, elapsedMs }))
    : undefined;
  for await (const entry of snapshot.scan({ ...last, pageSize: PAGE_SIZE })) {
    await writer.add(entry);
    done += 1;
  }
  return { revision, keys, ...(await writer.finish()) };
}

/** What the file system says is no defect. */
function named(file: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  return error instanceof UnderstudyError || code === undefined ? error : new CommandFailure(`${file}: ${message}`);
}

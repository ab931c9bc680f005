/** Copies all keys, as of one moment, to a file. */
import type { KVClient, OperationOptions } from '@understudy/kvservice';
import { realWorld, UnderstudyError } from '@understudy/rpc';
import { CommandFailure } from '../exit.ts';
import { fileFailure } from '../file-failure.ts';
import { ProgressLine } from '../progress-line.ts';
import { BackupWriter, type Written } from './backup-writer.ts';
import { copiedLine } from './copied.ts';

export interface BackedUp extends Written {
  readonly revision: number;
  readonly keys: number;
}

const PAGE_SIZE = 1_000;
/** The number of moments to try. A moment is lost together with the server that holds it. */
const MOMENTS = 5;

/**
 * If the server that holds the moment is gone, calls `onAgain`, and starts again with a later moment. `last` applies to
 * each page.
 */
export async function backup(
  kv: KVClient,
  file: string,
  last: OperationOptions,
  onAgain: (text: string) => void,
): Promise<BackedUp> {
  try {
    for (let left = MOMENTS - 1; left > 0; left--) {
      const copied = await copyMoment(kv, file, last).catch(unlessItsServerIsGone);
      if (copied !== undefined) return copied;
      onAgain('the server that held this moment is gone: beginning again with a later one');
    }
    return await copyMoment(kv, file, last);
  } catch (error) {
    if (error instanceof UnderstudyError && error.name === 'ABORTED') {
      throw new CommandFailure(`interrupted: ${file} was not written`, { cause: error });
    }
    const failure = fileFailure(file, error);
    throw failure === undefined ? error : new CommandFailure(failure);
  }
}

function unlessItsServerIsGone(error: unknown): undefined {
  if (!(error instanceof UnderstudyError) || error.name !== 'SNAPSHOT_UNKNOWN') throw error;
}

async function copyMoment(kv: KVClient, file: string, last: OperationOptions): Promise<BackedUp> {
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

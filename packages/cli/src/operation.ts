/** Runs one operation from the command line: the options that all operations share, and a client for the operation. */
import { type ClientNotice, KVClient, type OperationOptions } from '@understudy/kvservice';
import { realWorld, UnderstudyError } from '@understudy/rpc';
import { Command } from 'commander';
import { Signals } from './daemon.ts';
import { EXIT } from './exit.ts';
import { integer, jsonOption, monitorOption } from './options.ts';
import { describeError, OperationFailure, remark } from './output/complaint.ts';

const TIMEOUT_MS = 10_000;

export interface CommonOptions {
  readonly monitor: readonly string[];
  readonly timeout: number;
  readonly json?: boolean;
}

/** A command with `--monitor`, `--timeout` and `--json`. */
export function operationCommand(name: string): Command {
  return new Command(name)
    .addOption(monitorOption())
    .option('--timeout <MS>', 'give up after this long', integer(1), TIMEOUT_MS)
    .addOption(jsonOption());
}

/**
 * Runs one operation with a client of its own. A failed write says whether it is certainly not done. Ctrl-C, SIGTERM
 * and SIGHUP cancel the operation in the same way, and a second such signal ends the process at once.
 */
export async function perform<T>(
  options: CommonOptions,
  kind: 'read' | 'write',
  operate: (kv: KVClient, last: OperationOptions) => Promise<T>,
): Promise<T> {
  // With a world of its own, the client does not warn through Node, and a long wait is reported in one line here.
  const world = realWorld();
  const onNotice = (notice: ClientNotice) => {
    if (notice.kind === 'waiting') remark(notice.message, options);
  };
  const kv = new KVClient({ monitors: options.monitor, timeout: options.timeout, world, onNotice });
  const interrupted = new AbortController();
  using signals = new Signals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => process.exit(EXIT.failure));
  void signals.first.then(() => interrupted.abort());
  try {
    return await operate(kv, { signal: interrupted.signal });
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.name === 'INVALID_PARAMS') throw error;
    throw new OperationFailure(explainFailure(error, kind), error);
  } finally {
    await kv.close();
    await world.transport.close();
  }
}

/** Describes a failure. For a write that the cluster did not confirm, it says whether the write may have been done. */
export function explainFailure(error: unknown, kind: 'read' | 'write'): string {
  const isUntold = !(error instanceof UnderstudyError) || error.name === 'INVALID_PARAMS' || kind === 'read';
  return isUntold ? describeError(error) : `${error.message} (${error.name}, ${outcome(error)})`;
}

function outcome({ definite }: UnderstudyError): string {
  return definite ? 'definitely not done' : 'may or may not have been done';
}

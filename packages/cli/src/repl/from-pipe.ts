/** The REPL with a script from a pipe or a file. */
import { addAbortSignal, type Readable } from 'node:stream';
import { Signals } from '../daemon.ts';
import { CommandFailure, EXIT, UsageError } from '../exit.ts';
import type { CommonOptions } from '../operation.ts';
import { complainOf } from '../output/complaint.ts';
import { complain, stdoutTakesMore } from '../output.ts';
import { Connection } from './connection.ts';
import { runScript } from './script.ts';
import { ScriptPrinter } from './script-printer.ts';

export interface PipeOptions extends CommonOptions {
  readonly input: Readable;
  readonly bail?: boolean;
}

/** True if everything was done and nothing failed. A signal cancels the operation under way, and skips the rest. */
export async function playFromPipe({ input, json, bail, monitor, timeout }: PipeOptions): Promise<boolean> {
  let lineNumber = 0;
  const options = { ...(json === undefined ? {} : { json }) };
  const tell = (message: string, error: unknown = new UsageError(message)) => {
    if (json === true) complainOf(error, options, { line: lineNumber });
    else complain(`line ${lineNumber}: ${message}`);
  };
  const write = (text: string) => void process.stdout.write(text);
  const printer = new ScriptPrinter({
    json: json === true,
    isForTerminal: process.stdout.isTTY === true,
    write,
    complain: tell,
  });
  await using connection = new Connection({
    monitor,
    timeout,
    printer,
    columns: () => 100,
    line: STDERR_LINE,
    outputTakesMore: stdoutTakesMore,
  });
  using signals = new Signals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => process.exit(EXIT.failure));
  const end = new AbortController();
  void signals.first.then(() => end.abort());
  addAbortSignal(end.signal, input);
  try {
    return await runScript({
      input,
      run: (line, signal) => connection.run(line, signal),
      onLine: (number) => {
        lineNumber = number;
      },
      complain: tell,
      stopsAtFailure: bail === true,
      signal: end.signal,
    });
  } catch (error) {
    if (end.signal.aborted) return false;
    throw error;
  } finally {
    if (end.signal.aborted) {
      complainOf(new CommandFailure(`stopped by a signal; nothing behind line ${lineNumber} was done`), options);
    }
    input.destroy();
  }
}

const STDERR_LINE = {
  grow: (text: string) => void process.stderr.write(text),
  end: () => void process.stderr.write('\n'),
};

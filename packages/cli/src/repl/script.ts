/** Runs a script: commands from a pipe or a file, one after the other, without a prompt or an echo. */
import { unreachable } from '@understudy/rpc';
import type { Outcome } from './interpreter.ts';
import { linesOf, type ScriptLine } from './lines.ts';

export interface ScriptOptions {
  readonly input: AsyncIterable<Buffer | string>;
  /** Executes one line. */
  readonly run: (line: string, signal: AbortSignal) => Promise<Outcome>;
  /** Called before each line. */
  readonly onLine: (number: number) => void;
  /** Takes one sentence about a line that cannot be read. */
  readonly complain: (message: string) => void;
  /** Ends at the first command that fails. */
  readonly stopsAtFailure: boolean;
  /** Ends the script: the operation under way is cancelled, and no further line is read. */
  readonly signal: AbortSignal;
}

/** Resolves when the script has ended: true if all of it was done and no command failed. */
export async function runScript(options: ScriptOptions): Promise<boolean> {
  const { input, onLine, stopsAtFailure, signal } = options;
  let isGood = true;
  for await (const line of linesOf(input)) {
    if (signal.aborted) return false;
    onLine(line.number);
    const outcome = await outcomeOf(line, options);
    if (outcome === 'exit') break;
    if (outcome === 'failed') isGood = false;
    if (signal.aborted || (!isGood && stopsAtFailure)) return false;
  }
  return isGood;
}

async function outcomeOf(line: ScriptLine, { run, complain, signal }: ScriptOptions): Promise<Outcome> {
  switch (line.kind) {
    case 'line':
      return run(line.text, signal);
    case 'broken':
      complain(line.fault);
      return 'failed';
    default:
      return unreachable(line);
  }
}

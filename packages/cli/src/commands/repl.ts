/** `understudy repl`: a prompt for operations, or a script of operations from a pipe. */
import type { Command } from 'commander';
import { EXIT } from '../exit.ts';
import { type CommonOptions, operationCommand } from '../operation.ts';
import { talkAtTerminal } from '../repl/at-terminal.ts';
import { playFromPipe } from '../repl/from-pipe.ts';
import { help } from '../repl/help.ts';
import { historyPath } from '../repl/history.ts';

interface Options extends CommonOptions {
  /** A path. False: no history is kept. Absent: the default path. */
  readonly history?: string | false;
  readonly bail?: boolean;
}

export function replCommand(): Command {
  return operationCommand('repl')
    .description('A prompt for one operation after the other; from a pipe, a script of them.')
    .option('--bail', 'end a script at the first command that fails')
    .option('--history <FILE>', 'keep what was typed in FILE (default: understudy/repl_history in XDG_STATE_HOME)')
    .option('--no-history', 'keep nothing of what was typed')
    .addHelpText(
      'after',
      `
${help(undefined, 100)}

--timeout is that of each operation; a longer wait is told as it goes on. Tab completes commands and keys. Ctrl-C gives up
the line, or cancels what runs and says whether it may have been done. A line that begins with a blank is not kept in the
history, whose file is the user's alone, by default ~/.local/state/understudy/repl_history.

From a pipe or a file there is no prompt and no echo; answers go to stdout as those of \`understudy get\` and so on do, one
complaint a failure to stderr, with the number of its line. A command that fails does not keep the next one from being done,
except with --bail. Exits 1 when a command failed, or said no where its own exit code would be 1: get of an absent key, a cas
that did not swap (with --json neither counts). A prompt exits 0.`,
    )
    .action(repl);
}

async function repl(options: Options): Promise<void> {
  const stdin = process.stdin;
  const stdout = process.stdout;
  const terminal = [stdout, process.stderr].find((stream) => stream.isTTY);
  if (stdin.isTTY && terminal !== undefined) {
    await talkAtTerminal({
      ...options,
      input: stdin,
      terminal,
      colours: (process.env.NO_COLOR ?? '') === '',
      output: terminal === stdout ? undefined : (text) => void stdout.write(text),
      historyPath: pathOf(options.history),
    });
  } else if (!(await playFromPipe({ ...options, input: stdin }))) {
    process.exitCode = EXIT.failure;
  }
}

function pathOf(history: string | false | undefined): string | undefined {
  return history === false ? undefined : (history ?? historyPath(process.env));
}

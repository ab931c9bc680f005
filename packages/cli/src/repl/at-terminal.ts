/** The REPL with a person at a terminal. */
import { styleText } from 'node:util';
import { UnderstudyError } from '@understudy/rpc';
import { MonitorClient, viewInWords } from '@understudy/sysmonitor';
import { Signals } from '../daemon.ts';
import { EXIT } from '../exit.ts';
import type { CommonOptions } from '../operation.ts';
import { describeError } from '../output/complaint.ts';
import { printable } from '../output/printable.ts';
import { oneLine, stdoutTakesMore } from '../output.ts';
import { Connection } from './connection.ts';
import { History } from './history.ts';
import { Prompt } from './prompt.ts';
import { Screen, type Terminal } from './screen.ts';
import { ScriptPrinter } from './script-printer.ts';
import { TerminalPrinter } from './terminal-printer.ts';

export interface TerminalOptions extends CommonOptions {
  readonly input: NodeJS.ReadableStream;
  readonly terminal: Terminal;
  readonly colours: boolean;
  /** Where answers go if not to the terminal; they are then printed as for a script. */
  readonly output?: ((text: string) => void) | undefined;
  /** The path of the history. Undefined: no history is kept. */
  readonly historyPath: string | undefined;
}

/** Resolves when the user has left, or when SIGTERM or SIGHUP has ended it. */
export async function talkAtTerminal(options: TerminalOptions): Promise<void> {
  const { input, terminal, colours, historyPath, monitor, timeout } = options;
  using screen = new Screen(terminal);
  await using connection = new Connection({
    monitor,
    timeout,
    printer: printerFor(options, screen),
    columns: () => screen.stream.columns ?? 80,
    line: screen,
    outputTakesMore: stdoutTakesMore,
  });
  const prompt = new Prompt({
    input,
    screen,
    history: new History(historyPath, (trouble) => screen.line(paint(colours, 'yellow', trouble))),
    findKeys: (prefix) => connection.findKeys(prefix),
    greet: (signal) => greet(connection, options, screen, signal),
    run: (line, signal) => connection.run(line, signal),
  });
  // While readline reads the terminal, Ctrl-C is a key. A SIGINT from elsewhere has the same effect.
  const interrupt = () => prompt.interrupt();
  process.on('SIGINT', interrupt);
  using signals = new Signals(['SIGTERM', 'SIGHUP'], () => process.exit(EXIT.failure));
  const isTold = await Promise.race([prompt.ended, signals.first]);
  if (isTold === 'signal') prompt.leave();
  await prompt.ended;
  process.off('SIGINT', interrupt);
}

/** Times and quotes are only for a terminal. */
function printerFor({ output, json, colours, terminal }: TerminalOptions, screen: Screen) {
  if (output === undefined && json !== true) return new TerminalPrinter((line) => screen.line(line), colours);
  return new ScriptPrinter({
    json: json === true,
    isForTerminal: output === undefined,
    write: output ?? ((text) => void terminal.write(text)),
    complain: (message) => screen.line(paint(colours, 'red', oneLine(message))),
  });
}

/** Shows the state of the cluster. The prompt also works if no monitor answers. */
async function greet(
  { world, lookTimeoutMs }: Connection,
  { monitor, colours }: TerminalOptions,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const client = new MonitorClient({ monitors: monitor, world, timeoutMs: lookTimeoutMs });
  try {
    const view = await client.view({ signal });
    screen.line(view.viewnum === 0 ? 'no view yet: no server has pinged the monitor' : printable(viewInWords(view)));
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    if (error.name !== 'ABORTED') screen.line(paint(colours, 'yellow', oneLine(describeError(error))));
  } finally {
    await client.close();
  }
  screen.line('`help` lists the commands, Ctrl-D leaves');
}

function paint(colours: boolean, style: 'red' | 'yellow', text: string): string {
  return colours ? styleText(style, text) : text;
}

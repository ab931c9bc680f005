/** What a command prints: answers on stdout, and one line per failure on stderr. */
import { once } from 'node:events';
import { EXIT } from './exit.ts';
import { neverBlock } from './output/descriptor.ts';
import { printable, withEscapes } from './output/printable.ts';

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The answer as JSON where `--json` was given, else as the text for people. */
export function printAnswer(options: { readonly json?: boolean }, answer: object, text: string): void {
  printLine(options.json === true ? asJson(answer) : text);
}

/** On one line. */
export function asJson(answer: object): string {
  return withEscapes(JSON.stringify(answer));
}

export function complain(text: string): void {
  process.stderr.write(`understudy: ${oneLine(text)}\n`);
}

/**
 * Makes the output of this process ready, before anything is written. A reader that stands still does not block the process: it still hears
 * signals, and its timers run. Where stderr takes no more, a complaint is lost, and the exit code says that something failed.
 */
export function prepareOutput(): void {
  neverBlock(process.stdout);
  neverBlock(process.stderr);
  process.stdout.on('error', endWhenStdoutFails);
  process.stderr.on('error', () => {});
}

/**
 * A closed pipe at the other end of stdout (`understudy scan | head`) is no failure: there is just nobody left to tell.
 * Where stdout takes no more for another reason, such as a full disk, the answer is not complete, and that is one.
 */
function endWhenStdoutFails(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  complain(`stdout: ${error.message}`);
  process.exit(EXIT.failure);
}

/** Resolves when the reader of stdout has taken enough for more to be written, or `signal` is aborted: an answer of any length waits here. */
export async function stdoutTakesMore(signal?: AbortSignal): Promise<void> {
  if (!process.stdout.writableNeedDrain || signal?.aborted === true) return;
  await once(process.stdout, 'drain', signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}

export function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/\s*\n\s*/g, ' '));
}

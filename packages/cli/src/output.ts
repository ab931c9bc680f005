/** What a command prints: answers on stdout, and one line per failure on stderr. */
import { once } from 'node:events';
import { EXIT } from './exit.ts';
import { neverBlock } from './output/descriptor.ts';
import { printable, withEscapes } from './output/printable.ts';

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints the answer as JSON with `--json`, and otherwise as text for people. */
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
 * Prepares the output of this process, before anything is written. A reader that stops reading does not block the
 * process: signals and timers still work. If stderr takes no more, a message is lost, and the exit code still shows the
 * failure.
 */
export function prepareOutput(): void {
  neverBlock(process.stdout);
  neverBlock(process.stderr);
  process.stdout.on('error', endWhenStdoutFails);
  process.stderr.on('error', () => {});
}

/**
 * A closed pipe at the other end of stdout (`understudy scan | head`) is no failure, because no reader is left. If
 * stdout takes no more for another reason, such as a full disk, the answer is incomplete, and that is a failure.
 */
function endWhenStdoutFails(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  complain(`stdout: ${error.message}`);
  process.exit(EXIT.failure);
}

/**
 * Resolves when the reader of stdout has room for more, or when `signal` is aborted. An answer of any length waits
 * here.
 */
export async function stdoutTakesMore(signal?: AbortSignal): Promise<void> {
  if (!process.stdout.writableNeedDrain || signal?.aborted === true) return;
  await once(process.stdout, 'drain', signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}

export function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/\s*\n\s*/g, ' '));
}

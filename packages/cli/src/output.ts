/** What a command prints: answers on stdout, and one line per failure on stderr. */
import { UnderstudyError } from '@understudy/rpc';
import { CommandFailure, EXIT, UsageError } from './exit.ts';
import { messageInFlags } from './flags.ts';

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The answer as JSON where `--json` was given, else as the text for people. */
export function printAnswer(options: { readonly json?: boolean }, answer: object, text: string): void {
  printLine(options.json === true ? JSON.stringify(answer) : text);
}

export function complain(text: string): void {
  process.stderr.write(`understudy: ${oneLine(text)}\n`);
}

/** A sentence for the user; what is neither his mistake nor a known failure shows its class, for it is a defect. */
export function describeError(error: unknown): string {
  if (error instanceof CommandFailure || error instanceof UsageError) return error.message;
  if (error instanceof UnderstudyError) return `${messageInFlags(error)} (${error.name})`;
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return String(error);
}

/**
 * A closed pipe at the other end of stdout (`understudy scan | head`) is no failure: there is just nobody left to tell.
 * Where stdout takes no more for another reason, such as a full disk, the answer is not complete, and that is one.
 */
export function endWhenStdoutFails(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    complain(`stdout: ${error.message}`);
    process.exit(EXIT.failure);
  });
}

export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
